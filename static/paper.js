addEventListener("load",()=>print())
