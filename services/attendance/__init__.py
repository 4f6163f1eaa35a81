"""Who was there: the classes of an instructor, the sheet of each meeting, and the marks on it."""
