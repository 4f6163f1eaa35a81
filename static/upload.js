/* Files on their way: made smaller before they leave, a bar while they go, and an end when the line is dead. */
((d, w) => {
  const SIDE = 1600, SMALL = 4e5, SILENCE = 4e4;
  const within = (e, selector) => { const form = e.target.closest('[data-upload]'); return form && form.querySelector(selector); };
  const say = (e, text) => { const line = within(e, '[data-said]'); if (line) line.textContent = text; };
  const megabytes = (n) => Math.max(n / 1048576, 0.1).toLocaleString('fa-IR', { maximumFractionDigits: 1 }) + ' مگابایت';

  /* A photo of 8 MB becomes one of 300 KB here; where the browser would lay it on its side, the server does it. */
  function shrink(input, file, done) {
    if (!/^image\/(jpeg|png)$/.test(file.type) || file.size < SMALL || !w.CSS.supports('image-orientation', 'from-image')) return done();
    const reader = new FileReader(), image = new Image();
    reader.onload = () => { image.src = reader.result; };
    image.onerror = reader.onerror = done;
    image.onload = () => {
      const part = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight)), canvas = d.createElement('canvas');
      canvas.width = image.naturalWidth * part;
      canvas.height = image.naturalHeight * part;
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => {
        if (blob && blob.size < file.size && input.files[0] === file) {
          const list = new DataTransfer();
          list.items.add(new File([blob], file.name, { type: blob.type }));
          input.files = list.files;
        }
        done();
      }, 'image/jpeg', 0.85);
    };
    reader.readAsDataURL(file);
  }
  d.addEventListener('change', (e) => {
    const input = e.target, file = input.dataset.most && input.files[0];
    if (!file) return;
    say(e, 'در حال آماده کردن…');
    shrink(input, file, () => {
      const now = input.files[0];
      if (!now) return;
      const large = now.size > input.dataset.most;
      say(e, megabytes(now.size) + (large ? '؛ بزرگ‌تر از حد است. پروندهٔ کوچک‌تری انتخاب کنید.' : ''));
      if (large) input.value = '';
    });
  });

  let timer;
  d.addEventListener('htmx:xhr:progress', (e) => {
    const bar = within(e, '[data-bar]'), { loaded, total } = e.detail;
    if (!bar || !total) return;
    clearTimeout(timer);
    bar.hidden = false;
    bar.value = loaded / total;
    if (loaded < total) {
      timer = setTimeout(() => { w.htmx.trigger(e.target, 'htmx:abort'); w.htmx.trigger(e.target, 'htmx:timeout', {}); }, SILENCE);
    }
  });
  d.addEventListener('htmx:afterRequest', (e) => {
    const bar = within(e, '[data-bar]');
    clearTimeout(timer);
    if (bar) bar.hidden = true;
  });
})(document, window);
