/* Counting with a phone: every count is kept here until its answer has come, sent again after a cut, and read by camera. */
((d, w) => {
  'use strict';
  const form = d.querySelector('[data-count]');
  if (!form) return;
  const one = (selector) => d.querySelector(selector);
  const { label, quantity, serviceable, count_key: key } = form.elements;
  const box = one('[data-queue]'), left = one('[data-left]'), rest = one('[data-rest]'), named = one('#named'), name = 'count:' + d.body.dataset.owner + ':' + form.dataset.count;
  const DAMM = '0317598642709215486342068713591750983426612304597836742095815869720134894536201794386172052581436790';
  /* Storage may be forbidden; then every count is sent at once as a plain form. */
  const load = () => JSON.parse(w.localStorage.getItem(name) || '[]');
  const keep = (list) => w.localStorage.setItem(name, JSON.stringify(list));
  try { keep(load()); } catch (e) { return; }

  const ascii = (text) => text.replace(/[۰-۹]/g, (c) => c.charCodeAt(0) - 1776).replace(/[٠-٩]/g, (c) => c.charCodeAt(0) - 1632)
    .replace(/[\s\u200c-\u200f\u2066-\u2069]/g, '');
  const fa = (number) => Number(number).toLocaleString('fa-IR', { useGrouping: false });
  const whole = (input) => { const text = ascii(input.value); return /^\d{1,7}$/.test(text) ? Number(text) : -1; };
  function read(text) {
    const digits = ascii(text).replace(/^.*\/e\//i, '').replace(/[-_.]/g, '');
    if (!/^\d{2,9}$/.test(digits) || [...digits].reduce((state, digit) => DAMM[+(state + digit)], '0') !== '0') return '';
    return digits.padStart(9, '0');
  }
  const row = (number) => one('li[data-label="' + number + '"]');
  const title = (number) => { const item = row(number); return item ? item.firstElementChild.textContent : 'برچسب ' + fa(number); };
  function make(tag, text, act) {
    const element = d.createElement(tag);
    element.textContent = text;
    if (act) { element.type = 'button'; element.addEventListener('click', act); }
    return element;
  }

  /* -- One item -- */
  function tell(text, field) {
    named.textContent = text;
    named.classList.toggle('bad', !!field);
    if (field) { field.focus(); if (field.value) field.select(); }
  }
  function show() {
    const number = read(label.value), item = row(number);
    tell(!number ? '' : item ? title(number) + '، شمارش به ' + item.dataset.unit : rest && !rest.firstChild ? title(number) : 'این برچسب در این کارگاه نیست');
    return number;
  }
  function next() {
    key.value = Array.from(w.crypto.getRandomValues(new Uint8Array(16)), (byte) => ('0' + byte.toString(16)).slice(-2)).join('');
    label.value = quantity.value = serviceable.value = '';
    label.focus();
  }
  let pressed, mine;
  d.addEventListener('click', (e) => { pressed = e.target.closest('button'); }, true);
  /* Before site.js, which would hold a form back while the line is cut. */
  w.addEventListener('submit', (e) => {
    if (e.target.hasAttribute('data-finish') && load().length) {
      e.preventDefault();
      e.stopPropagation();
      send();
      box.scrollIntoView();
    }
    if (e.target !== form) return;
    e.preventDefault();
    e.stopPropagation();
    const missing = pressed && pressed.value === 'missing', number = read(label.value);
    const all = missing ? 0 : whole(quantity), good = missing ? 0 : whole(serviceable);
    if (!number) tell(label.value ? 'این شمارهٔ برچسب درست نیست. رقم‌ها را با برچسب تطبیق دهید' : 'شمارهٔ برچسب را بنویسید', label);
    else if (all < 0) tell('تعداد همه را بنویسید؛ اگر نیست، «پیدا نشد» را بزنید', quantity);
    else if (good < 0 || good > all) tell('تعداد سالم‌ها را بنویسید؛ از همه بیشتر نیست', serviceable);
    else {
      keep(load().concat({ key: key.value, label: number, all, good }));
      move(number, all, good);
      tell('«' + title(number) + '» نوشته شد: ' + fa(all) + '، ' + fa(good) + ' سالم');
      next();
      send();
    }
  }, true);
  function move(number, all, good) {
    const item = row(number);
    if (!item) return;
    item.replaceChildren(item.firstElementChild);
    item.append(make('span', all ? fa(all) + ' (' + fa(good) + ' سالم)' : 'پیدا نشد'));
    one('[data-done]').prepend(item);
    left.textContent = fa(ascii(left.textContent) - ('open' in item.dataset));
    delete item.dataset.open;
  }

  /* -- What waits -- */
  let busy, timer;
  const LATER = 5e3, SILENCE = 2e4;
  function tellQueue(why) {
    const list = load(), waits = list.filter((count) => !count.why).length;
    box.hidden = !list.length;
    box.firstElementChild.textContent = why || (waits ? fa(waits) + ' شمارش روی این دستگاه مانده است و فرستاده می‌شود.' : 'این شمارش‌ها پذیرفته نشد.');
    box.lastElementChild.textContent = '';
    box.lastElementChild.append(...list.filter((count) => count.why).map((count) => {
      const line = make('li', title(count.label) + ': ' + count.why + ' '), drop = make('button', 'برداشتن', () => forget(count));
      drop.className = 'linklike';
      line.append(drop);
      return line;
    }));
  }
  function forget(count) {
    keep(load().filter((other) => other.key !== count.key));
    tellQueue();
  }
  function later(why) {
    tellQueue(why);
    clearTimeout(timer);
    timer = setTimeout(send, LATER);
  }
  function send() {
    const count = load().find((each) => !each.why);
    clearTimeout(timer);
    tellQueue();
    if (busy || !count) return;
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, count_key: count.key, label: count.label, quantity: count.all, serviceable: count.good });
    const dead = new AbortController(), silence = setTimeout(() => dead.abort(), SILENCE);
    busy = true;
    w.fetch(w.location.pathname, { method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'manual', signal: dead.signal })
      .then((answer) => {
        const { status } = answer;
        if (status === 200) forget(count);
        else if (status === 409 || status === 422) {
          return answer.json().then(({ said }) => keep(load().map((each) => each.key === count.key ? Object.assign(each, { why: said }) : each)));
        } else if (status < 500 && status !== 429) return 'شمارش‌ها روی این دستگاه مانده است. این صفحه را دوباره باز کنید و اگر پرسید وارد شوید.';
        else throw status;
      })
      .then((stop) => { busy = false; if (stop) tellQueue(stop); else send(); }, () => { busy = false; later(); })
      .then(() => clearTimeout(silence));
  }
  w.addEventListener('online', send);

  /* -- Fields -- */
  label.addEventListener('input', show);
  label.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || e.ctrlKey || !show()) return;
    e.preventDefault();
    quantity.focus();
  });
  quantity.addEventListener('input', () => { if (!mine) serviceable.value = quantity.value; });
  serviceable.addEventListener('input', () => { mine = serviceable.value; });
  label.addEventListener('focus', () => { mine = ''; });
  const at = d.activeElement;
  [quantity, serviceable].forEach((input) => {
    const line = d.createElement('div'), called = input.labels[0].textContent;
    line.className = 'unit';
    input.replaceWith(line);
    line.append(step('یکی کمتر', '−', -1), input, step('یکی بیشتر', '+', 1));
    function step(does, sign, by) {
      const button = make('button', sign, () => {
        input.value = fa(Math.max(0, Math.max(0, whole(input)) + by));
        input.dispatchEvent(new Event('input'));
      });
      button.className = 'btn';
      button.setAttribute('aria-label', does + '، ' + called);
      return button;
    }
  });
  at.focus();
  d.addEventListener('click', (e) => {
    const link = e.target.closest('li[data-label] a');
    if (!link || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    label.value = link.parentNode.dataset.label;
    show();
    mine = '';
    form.scrollIntoView();
    quantity.focus();
  });

  /* -- Camera: asked for only when the button is pressed, and let go as soon as a label was read -- */
  const scan = one('[data-scan]'), video = one('[data-camera]');
  let stream;
  function close() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    video.hidden = true;
  }
  function look(detector) {
    if (!stream) return;
    detector.detect(video).then((codes) => codes.map((code) => read(code.rawValue)).find(Boolean), () => '').then((number) => {
      if (!number) { setTimeout(look, 250, detector); return; }
      close();
      label.value = number;
      show();
      quantity.focus();
    });
  }
  if (w.BarcodeDetector && w.navigator.mediaDevices) {
    scan.hidden = false;
    scan.addEventListener('click', () => {
      if (stream) { close(); return; }
      w.navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).then((found) => {
        stream = video.srcObject = found;
        video.hidden = false;
        video.play();
        look(new w.BarcodeDetector({ formats: ['qr_code'] }));
      }).catch(() => tell('دوربین باز نشد. شمارهٔ برچسب را بنویسید', label));
    });
    w.addEventListener('pagehide', close);
  }
  /* -- What the page does not list: known by name once it has come, and counted before that, too -- */
  const settle = () => load().forEach((count) => move(count.label, count.all, count.good));
  function fill() {
    if (rest && !rest.firstChild) w.fetch(rest.dataset.rest, { redirect: 'manual' })
      .then((answer) => answer.ok ? answer.text() : '')
      .then((text) => { rest.innerHTML = text; settle(); }, Boolean);
  }
  w.addEventListener('online', fill);
  settle();
  fill();
  send();
})(document, window);
