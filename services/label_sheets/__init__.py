"""Labels of equipment on sheets of A4: which items, their QR codes, and the sheet as a document to print."""
