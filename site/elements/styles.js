// @ts-check
// The look that all elements share. DESIGN.md explains the tokens.

import { css } from '../vendor/lit.js';

export const styles = css`
  :host {
    --page: var(--social-page, light-dark(#f6f6f3, #141513));
    --card: var(--social-card, light-dark(#fff, #1e1f1d));
    --ink: var(--social-ink, light-dark(#1b1c1a, #ecece8));
    --soft: var(--social-soft, light-dark(#5a5c57, #a9aba5));
    --line: var(--social-line, light-dark(#deded8, #363834));
    --edge: var(--social-edge, light-dark(#8b8d87, #7c7f78));
    --accent: var(--social-accent, light-dark(#0b57b7, #8ab8f5));
    --on-accent: var(--social-on-accent, light-dark(#fff, #0a1a2f));
    --good: var(--social-good, light-dark(#14672c, #8bd49c));
    --good-tint: var(--social-good-tint, light-dark(#e3f3e6, #17331e));
    --warn: var(--social-warn, light-dark(#7c4a00, #f0c27b));
    --warn-tint: var(--social-warn-tint, light-dark(#fbeed6, #3a2b10));
    --bad: var(--social-bad, light-dark(#a81f18, #f6a39c));
    --bad-tint: var(--social-bad-tint, light-dark(#fce9e7, #421c19));
    --info: var(--social-info, light-dark(#0b4f9f, #a3c7f7));
    --info-tint: var(--social-info-tint, light-dark(#e5eefa, #182c46));
    --idle-tint: var(--social-idle-tint, light-dark(#ecece8, #2c2e2a));
    --radius: var(--social-radius, 10px);
    display: block;
    color: var(--ink);
    font: 1rem/1.5 var(--social-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
    overflow-wrap: break-word;
  }
  :host([hidden]), [hidden] { display: none !important; }
  *, ::before, ::after { box-sizing: border-box; }
  h2, h3, h4, p, ul, ol, dl, dd, fieldset { margin: 0; padding: 0; }
  h2, h3, h4 { font-weight: 650; letter-spacing: -0.01em; line-height: 1.3; }
  h2 { font-size: 1.125rem; }
  h3 { font-size: 1rem; }
  ul, ol { list-style: none; }
  fieldset { border: 0; min-width: 0; }
  legend { padding: 0; }
  a { color: var(--accent); text-underline-offset: 0.15em; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
  [tabindex="-1"]:focus { outline: none; }
  .said { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

  .card { padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); }
  .stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; align-content: start; min-width: 0; }
  [role="status"]:empty, [role="alert"]:empty { position: absolute; }
  .close { gap: 0.375rem; }
  .row { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; min-width: 0; }
  .apart { justify-content: space-between; }
  .end { justify-content: flex-end; }
  .grow { flex: 1 1 10rem; min-width: 0; }
  .hint { color: var(--soft); font-size: 0.875rem; }
  .error { color: var(--bad); font-size: 0.9375rem; }
  .pre { white-space: pre-line; overflow-wrap: anywhere; }
  .mono { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.8125rem; overflow-wrap: anywhere; }

  button, .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 0.5rem;
    min-height: 2.5rem; padding: 0.375rem 0.875rem;
    border: 1px solid var(--line); border-radius: 8px;
    background: var(--card); color: var(--ink);
    font: inherit; font-weight: 500; line-height: 1.4; text-decoration: none; cursor: pointer;
  }
  button:hover, .button:hover { background: var(--idle-tint); border-color: var(--edge); }
  .primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; }
  .primary:hover { background: var(--accent); border-color: var(--accent); filter: brightness(1.08); }
  .danger { border-color: var(--bad); color: var(--bad); }
  .link { justify-content: flex-start; text-align: left; min-height: 1.5rem; padding: 0; border: 0; background: none; color: var(--accent); font-weight: 400; text-decoration: underline; text-underline-offset: 0.15em; }
  .quiet { color: var(--soft); font-size: 0.875rem; }
  .link:hover { background: none; text-decoration-thickness: 2px; }
  button:disabled, button[aria-disabled="true"] { border-color: var(--line); background: var(--idle-tint); color: var(--soft); cursor: not-allowed; filter: none; }
  button.link[aria-disabled="true"] { background: none; }

  .field { display: grid; gap: 0.375rem; min-width: 0; }
  .field > label:not(.pick), .field > legend, .label { font-weight: 600; font-size: 0.9375rem; }
  .field > legend { margin-bottom: 0.375rem; }
  input:not([type="checkbox"], [type="radio"]), select, textarea {
    width: 100%; min-width: 0; min-height: 2.5rem; padding: 0.4375rem 0.625rem;
    border: 1px solid var(--edge); border-radius: 8px; background: var(--card); color: var(--ink); font: inherit;
  }
  textarea { resize: vertical; }
  input::placeholder { color: var(--soft); opacity: 1; }
  [aria-invalid="true"] { border-color: var(--bad) !important; }
  input[type="checkbox"], input[type="radio"] { flex: none; width: 1.25rem; height: 1.25rem; margin: 0.125rem 0 0; accent-color: var(--accent); }
  .pick { display: inline-flex; gap: 0.5rem; align-items: flex-start; padding-block: 0.25rem; cursor: pointer; min-width: 0; }
  .pick:has(:disabled) { color: var(--soft); cursor: not-allowed; }
  summary { cursor: pointer; min-height: 1.75rem; }
  summary::marker { color: var(--soft); }

  .badge { display: inline-block; padding: 0.0625rem 0.5rem; border-radius: 1rem; background: var(--idle-tint); color: var(--soft); font-size: 0.8125rem; font-weight: 600; white-space: nowrap; }
  .badge.good, .notice.good { background: var(--good-tint); color: var(--good); }
  .badge.warn, .notice.warn { background: var(--warn-tint); color: var(--warn); }
  .badge.bad, .notice.bad { background: var(--bad-tint); color: var(--bad); }
  .badge.info, .notice.info { background: var(--info-tint); color: var(--info); }
  .notice { scroll-margin-block: 4.5rem; display: flex; gap: 0.75rem; justify-content: space-between; align-items: flex-start; padding: 0.625rem 0.875rem; border-radius: 8px; background: var(--idle-tint); font-size: 0.9375rem; }
  .notice :is(a, .link) { color: inherit; }
  .notice > :first-child { min-width: 0; }

  .avatar { position: relative; display: inline-grid; flex: none; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%; background: var(--idle-tint); color: var(--soft); font-weight: 600; line-height: 1; }
  .avatar.small { width: 1.75rem; height: 1.75rem; font-size: 0.8125rem; }
  .avatar img { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: 50%; object-fit: cover; }
  .avatar .mark { outline: 0; position: absolute; right: -0.25rem; bottom: -0.25rem; width: 1.125rem; height: 1.125rem; border: 1.5px solid var(--card); border-radius: 5px; }
  .avatar.small .mark { width: 0.9375rem; height: 0.9375rem; border-width: 1px; }
  .mark { display: block; width: 1.75rem; height: 1.75rem; border-radius: 7px; outline: 1px solid light-dark(transparent, var(--line)); outline-offset: -1px; }

  progress { width: 100%; height: 0.5rem; border: 0; border-radius: 1rem; overflow: hidden; appearance: none; background: var(--idle-tint); }
  progress::-webkit-progress-bar { background: var(--idle-tint); }
  progress::-webkit-progress-value { background: var(--accent); }
  progress::-moz-progress-bar { background: var(--accent); }

  dialog { width: min(28rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); padding: 1.5rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); color: var(--ink); overflow: auto; }
  dialog::backdrop { background: rgb(0 0 0 / 50%); }
  @media (max-width: 30rem) { .card { padding: 1rem; } }
`;
