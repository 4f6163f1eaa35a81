/* Attendance on a phone: every mark is kept here until its answer has come, and sent again after a cut. */
((d, w) => {
  'use strict';
  const box = d.querySelector('[data-waits]'), form = d.querySelector('[data-sheet]');
  if (!box) return;
  const name = 'marks:' + d.body.dataset.owner, here = w.location.pathname;
  /* Storage may be forbidden; then the sheet is sent as a plain form. */
  const load = () => JSON.parse(w.localStorage.getItem(name) || '[]');
  const keep = (list) => w.localStorage.setItem(name, JSON.stringify(list));
  try { keep(load()); } catch (e) { return; }

  const fa = (number) => Number(number).toLocaleString('fa-IR', { useGrouping: false });
  const line = (id) => d.querySelector('[data-line="' + id + '"]');
  const all = (selector) => Array.from(form.querySelectorAll(selector));
  function make(tag, text, act) {
    const element = d.createElement(tag);
    element.textContent = text;
    if (act) { element.type = 'button'; element.addEventListener('click', act); }
    return element;
  }

  /* -- The sheet -- */
  function mark(input) {
    const row = input.closest('[data-line]');
    const key = Array.from(w.crypto.getRandomValues(new Uint8Array(16)), (byte) => ('0' + byte.toString(16)).slice(-2)).join('');
    keep(load().concat({ key, to: here, id: row.dataset.line, p: input.value, seen: row.dataset.seen, at: Date.now() }));
    show(row, input.value);
  }
  function show(row, presence, said) {
    const input = row.querySelector('[value=' + presence + ']');
    input.checked = true;
    row.dataset.seen = presence;
    if (row.children[1]) row.children[1].remove();
    if (said) {
      row.append(make('p', said));
      row.lastChild.className = 'live warn';
      row.lastChild.setAttribute('role', 'status');
    }
    d.querySelector('[data-marked]').textContent = fa(all('input:checked').length);
  }
  if (form) {
    all('[value=save]').forEach((button) => { button.hidden = true; });
    form.addEventListener('change', (e) => { mark(e.target); send(); });
    /* Before site.js, which would hold the form back while the line is cut. */
    w.addEventListener('submit', (e) => {
      if (e.target !== form) return;
      e.preventDefault();
      e.stopPropagation();
      all('[data-line]').filter((row) => !row.querySelector(':checked')).forEach((row) => mark(row.querySelector('input')));
      send();
    }, true);
    load().filter((each) => each.to === here && !each.why && line(each.id)).forEach((each) => show(line(each.id), each.p));
  }

  /* -- What waits -- */
  let busy, timer;
  const LATER = 5e3, SILENCE = 2e4, MOST = 100;
  function tell(why) {
    const list = load(), waits = list.filter((each) => !each.why).length;
    box.hidden = !list.length;
    box.classList.toggle('warn', list.length > 0);
    box.firstElementChild.textContent = why || (waits ? fa(waits) + ' علامت روی این دستگاه مانده است و فرستاده می‌شود.' : 'این علامت‌ها پذیرفته نشد.');
    box.lastElementChild.textContent = '';
    box.lastElementChild.append(...list.filter((each) => each.why).map((each) => {
      const item = make('li', each.why + ' '), drop = make('button', 'برداشتن', () => { forget(each.key); tell(); });
      drop.className = 'linklike';
      item.append(drop);
      return item;
    }));
  }
  function forget(key) { keep(load().filter((each) => each.key !== key)); }
  function refuse(keys, why) { keep(load().map((each) => keys.includes(each.key) ? Object.assign(each, { why }) : each)); }
  function settle(to, told) {
    const row = to === here && form && line(told.enrollment_id);
    if (told.is_taken && (row || !told.said)) forget(told.key); else refuse([told.key], told.said);
    /* What was pressed since is on its way and says more than this answer. */
    if (row && told.stands && !load().some((each) => each.id === row.dataset.line && !each.why)) show(row, told.stands, told.said);
  }
  function send() {
    const list = load().filter((each) => !each.why), first = list[0];
    clearTimeout(timer);
    tell();
    if (busy || !first) return;
    const batch = list.filter((each) => each.to === first.to).slice(0, MOST), keys = batch.map((each) => each.key);
    const body = new URLSearchParams({ csrf_token: box.dataset.waits });
    const age = (each) => Math.max(0, Math.round((Date.now() - each.at) / 1000));
    batch.forEach((each) => body.append('mark', [each.key, each.id, each.p, age(each), each.seen].join(' ')));
    const dead = new AbortController(), silence = setTimeout(() => dead.abort(), SILENCE);
    busy = true;
    w.fetch(first.to, { method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'manual', signal: dead.signal })
      .then((answer) => {
        const { status } = answer;
        if (status === 200) return answer.json().then(({ marks }) => marks.forEach((told) => settle(first.to, told)));
        if (status === 409 || status === 422) return answer.json().then(({ said }) => refuse(keys, said));
        if (status === 404) refuse(keys, 'این جلسه دیگر پیدا نشد.');
        else if (status < 500 && status !== 429) return 'علامت‌ها روی این دستگاه مانده است. این صفحه را دوباره باز کنید و اگر پرسید وارد شوید.';
        else throw status;
      })
      .then((stop) => { busy = false; if (stop) tell(stop); else send(); }, () => { busy = false; clearTimeout(timer); timer = setTimeout(send, LATER); tell(); })
      .then(() => clearTimeout(silence));
  }
  w.addEventListener('online', send);
  send();
})(document, window);
