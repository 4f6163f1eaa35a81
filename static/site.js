/* What the pages do beyond HTML: drafts, one send per press, a lost line, keys. Every page works without it. */
(function (d, w) {
  'use strict';
  const OFFLINE = 'ارتباط قطع است. نوشته‌های شما روی همین دستگاه مانده است.';
  const one = (selector, root) => (root || d).querySelector(selector);
  const all = (selector, root) => Array.from((root || d).querySelectorAll(selector));
  /* Storage may be forbidden or full; then nothing is kept and the page still works. */
  const store = (name) => (act, ...args) => {
    try { return act === 'keys' ? Object.keys(w[name]) : w[name][act + 'Item'](...args); } catch (e) { return null; }
  };
  const session = store('sessionStorage'), local = store('localStorage');
  d.documentElement.classList.add('js');

  function make(tag, className, text) {
    const element = d.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function button(text, className, act) {
    const element = make('button', className, text);
    element.type = 'button';
    element.addEventListener('click', act);
    return element;
  }

  /* -- Banner: beside the form it is about, because the top of the page may be out of sight -- */
  let banner;
  function hush() {
    if (banner) banner.remove();
    banner = null;
  }
  function say(text, form, again, why) {
    hush();
    const box = banner = make('div', 'notice warn alert');
    box.setAttribute('role', 'status');
    box.why = why;
    const actions = form && one('.act', form);
    if (actions) actions.parentNode.insertBefore(box, actions);
    else (form || one('#alerts') || d.body).insertAdjacentElement(form ? 'beforeend' : 'afterbegin', box);
    /* A screen reader speaks what changes in a region that is already there. */
    setTimeout(() => {
      box.append(make('p', '', text));
      if (!again) return;
      const row = make('div', 'row');
      row.append(button('ارسال دوباره', 'btn tiny', () => { hush(); again(); }));
      box.append(row);
    }, 50);
  }

  /* -- Drafts: in this tab only, because the computer may be shared -- */
  const owner = d.body.dataset.owner || '', prefix = 'draft:';
  const keyOf = (form) => prefix + owner + ':' + form.dataset.draft;

  function fields(form) {
    return Array.from(form.elements).filter((e) => e.name && !/pass|file|hid|sub|but/.test(e.type));
  }
  function values(form) {
    return fields(form).map((e) => [e.name, /checkbox|radio/.test(e.type) && !e.checked ? '' : e.value])
      .filter((pair) => pair[1]);
  }
  function fill(form, saved) {
    const left = saved.slice();
    fields(form).forEach((e) => {
      const choice = /checkbox|radio/.test(e.type), at = left.findIndex((pair) => pair[0] === e.name && (!choice || pair[1] === e.value));
      if (choice) e.checked = at > -1;
      else e.value = at > -1 ? left[at][1] : '';
      if (at > -1) left.splice(at, 1);
    });
  }
  const read = (key) => JSON.parse(session('get', key)) || {};
  const forget = (key) => session('remove', key);
  const draftKeys = () => (session('keys') || []).filter((key) => key.startsWith(prefix));

  function keepDraft(form) {
    if (form.kept) return;
    form.kept = true;
    const key = keyOf(form), old = read(key);
    let timer;
    if (old.values && JSON.stringify(old.values) !== JSON.stringify(values(form))) offer(form, key, old);
    const save = (sent) => session('set', key, JSON.stringify({ at: Date.now(), sent, values: values(form) }));
    form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(save, 800, 0); });
    form.saveDraft = () => { clearTimeout(timer); save(w.location.href.split('#')[0]); };
  }
  function offer(form, key, old) {
    const time = new Date(old.at).toLocaleTimeString('fa-IR').slice(0, -3);
    const box = make('div', 'notice alert'), row = make('div', 'row');
    box.append(make('p', '', 'نوشته‌های ثبت‌نشدهٔ ساعت ' + time + ' مانده است.'), row);
    row.append(
      button('برگرداندن نوشته‌ها', 'btn tiny', () => { fill(form, old.values); box.remove(); }),
      button('پاک کردن', 'linklike small', () => { forget(key); box.remove(); }));
    form.insertAdjacentElement('afterbegin', box);
  }
  /* A sent draft has arrived when the page that follows its own says so, or is another page that neither reports an
     error nor asks to sign in. Who goes elsewhere after a lost answer does not come from the form. */
  function dropArrived() {
    const failed = one('[data-keep-drafts]') || /^\/auth\//.test(w.location.pathname);
    const here = one('#alerts .ok') ? [] : all('form[data-draft]').map(keyOf);
    draftKeys().forEach((key) => {
      const draft = read(key);
      if (!(Date.now() - draft.at < 864e5) || (draft.sent === d.referrer && !failed && !here.includes(key))) forget(key);
    });
  }

  /* -- Sending: once for each press, and again only when a person asks; the form's own key makes that harmless -- */
  let pressed, unsent;
  d.addEventListener('click', (e) => {
    const target = e.target.closest('button');
    if (target && target.form) pressed = target;
  }, true);
  function resend(form) {
    const sender = pressed && pressed.form === form ? pressed : one('button:not([type=button])', form);
    return () => { form.busy = 0; if (sender) sender.click(); };
  }
  function submitted(e) {
    const form = e.target;
    if (form.method !== 'post') return;
    if (form.hasAttribute('data-sign-out')) draftKeys().forEach(forget);
    if (form.busy) { e.preventDefault(); return; }
    if (w.navigator.onLine === false) {
      e.preventDefault();
      e.stopPropagation();
      say(OFFLINE, unsent = form, 0, 'offline');
      return;
    }
    if (form.saveDraft) form.saveDraft();
    if (form.hasAttribute('hx-post')) return;
    const turn = form.busy = Date.now();
    setTimeout(() => {
      if (form.busy === turn) say('فرم فرستاده شد؛ منتظر پاسخ سامانه هستیم.', form);
    }, 3e3);
    setTimeout(() => { if (form.busy === turn) lost(form); }, 3e4);
  }
  function lost(form) {
    form.busy = 0;
    say('پاسخی از سامانه نرسید. چیزی از دست نرفته است؛ دوباره بفرستید.', form, resend(form));
  }
  d.addEventListener('submit', submitted, true);
  w.addEventListener('pageshow', () => {
    all('form').forEach((form) => { form.busy = 0; });
    hush();
  });
  w.addEventListener('offline', () => {
    if (one('form[method=post] .input')) say(OFFLINE, 0, 0, 'offline');
  });
  w.addEventListener('online', () => {
    if (banner && banner.why === 'offline') hush();
    if (unsent) say('ارتباط برقرار شد. این فرم هنوز فرستاده نشده است.', unsent, resend(unsent));
    unsent = null;
  });

  /* -- htmx -- */
  function failed(e) {
    const status = e.detail.xhr ? e.detail.xhr.status : 0;
    if (status && status < 500) return;
    const form = e.target.closest('form[hx-post]'), link = e.target.closest('a');
    if (form && status) {
      const code = e.detail.xhr.getResponseHeader('X-Request-Id');
      say('سامانه نتوانست این کار را انجام دهد. نوشته‌های شما مانده است.' +
        (code ? ' کد پیگیری \u2066' + code + '\u2069 را به پشتیبانی بگویید.' : ''), form, resend(form));
    } else if (form) lost(form);
    else if (link) w.location.href = link.href;
  }
  ['htmx:responseError', 'htmx:sendError', 'htmx:timeout'].forEach((name) => d.addEventListener(name, failed));
  d.addEventListener('htmx:afterRequest', (e) => {
    const form = e.target.closest('form[data-draft]');
    if (form && e.detail.successful) forget(keyOf(form));
    if (e.detail.successful && banner && banner.why !== 'offline') hush();
  });
  d.addEventListener('htmx:afterSettle', (e) => {
    wire();
    if (e.target.id === 'alerts') e.target.scrollIntoView({ block: 'center' });
    const from = e.detail.requestConfig && e.detail.requestConfig.elt;
    if (from && from.closest('.queue')) {
      all('.queue a').forEach((link) => {
        link.parentNode.classList.toggle('on', link === from);
        link.setAttribute('aria-current', link === from);
      });
    }
  });

  /* -- Keys, by place and not by letter, because the Persian layout sends «ت» for J -- */
  const keysOff = () => local('get', 'keys') === 'off';
  d.addEventListener('keydown', (e) => {
    const at = d.activeElement, typing = /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && !/checkbox|radio/.test(at.type);
    if (e.key === 'Enter' && at.form) {
      const send = one('.primary', at.form), list = fields(at.form).filter((e) => !e.closest('details:not([open])')), here = list.indexOf(at);
      const next = e.ctrlKey ? send : here > -1 && at.form.dataset.steps && (list[here + 1] || send);
      if (next) { e.preventDefault(); next[e.ctrlKey ? 'click' : 'focus'](); }
    } else if (!typing && !e.ctrlKey && !e.altKey && !e.metaKey && !keysOff()) {
      const target = one('[data-key="' + e.code + '"]');
      if (!target) return;
      e.preventDefault();
      if (target.matches('.input')) target.focus();
      else target.click();
    }
  });
  function keysButton(element) {
    element.hidden = false;
    element.textContent = keysOff() ? 'روشن کردن کلیدها' : 'خاموش کردن کلیدها';
  }

  /* -- Bulk bar, print -- */
  function count(form) {
    const boxes = all('input[type=checkbox][name]', form), n = boxes.filter((box) => box.checked).length;
    const every = one('[data-all]', form), shown = one('[data-count]', form);
    if (every) every.checked = n > 0 && n === boxes.length;
    if (shown) shown.textContent = n ? n.toLocaleString('fa-IR') + ' ' + form.dataset.bulk + ' انتخاب شد' : 'چیزی انتخاب نشده است';
  }
  d.addEventListener('change', (e) => {
    const form = e.target.form;
    if (!form || !form.hasAttribute('data-bulk')) return;
    if (e.target.hasAttribute('data-all')) {
      all('input[type=checkbox][name]', form).forEach((box) => { box.checked = e.target.checked; });
    }
    count(form);
  });
  d.addEventListener('click', (e) => {
    const target = e.target.closest('[data-print],[data-keys]');
    if (!target) return;
    if (target.hasAttribute('data-print')) { w.print(); return; }
    local('set', 'keys', keysOff() ? 'on' : 'off');
    keysButton(target);
  });

  function wire() {
    all('form[data-draft]').forEach(keepDraft);
    all('form[data-bulk]').forEach(count);
    all('[data-keys]').forEach(keysButton);
    all('[data-print],[data-all]').forEach((element) => { (element.closest('label') || element).hidden = false; });
  }
  dropArrived();
  wire();
})(document, window);
