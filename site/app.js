// Starts the page: the popup's redirect, the session, and the three sections.

import { loadAccounts, startAccounts } from './accounts.js';
import { forgetToken, openSession, useToken } from './api.js';
import { offerAccounts, startCompose } from './compose.js';
import { landing, outcomeOf } from './connect.js';
import { $, el, link, notice } from './dom.js';
import { PLATFORMS, labelOf } from './platforms.js';
import { addPost, renamed, startPosts } from './posts.js';

async function start() {
  const landed = landing();
  if (landed) {
    const outcome = outcomeOf(landed, labelOf(landed.platform));
    notice(outcome.text + (landed.popup ? ' You can close this window.' : ''), outcome.kind);
    if (landed.popup) return;
  }
  $('notice-close').onclick = () => notice('');
  $('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    useToken($('token').value.trim());
    location.reload();
  });
  $('forget').onclick = () => {
    forgetToken();
    location.reload();
  };

  const session = await openSession(signedOut);
  if (!session) {
    $('sign-in').hidden = false;
    return;
  }
  $('who').textContent = session.user ? `Signed in as ${session.user}` : '';
  $('forget').hidden = session.kind !== 'pasted';
  showSimulation(session);
  showWorkspace(true);

  startCompose(session, addPost);
  const listed = startAccounts((accounts) => {
    offerAccounts(accounts);
    renamed();
  });
  document.addEventListener('visibilitychange', () => document.hidden || loadAccounts());
  await listed;
  await startPosts(loadAccounts);
}

function showWorkspace(shown) {
  $('workspace').hidden = !shown;
  $('sections').hidden = !shown;
}

function showSimulation({ simulated = [], sandboxUrl }) {
  if (!simulated.length) return;
  const names = simulated.map((id) => PLATFORMS.find((platform) => platform.id === id)?.label ?? id);
  const list = new Intl.ListFormat('en').format(names);
  $('banner').replaceChildren(
    el('span', {}, `${list} ${names.length > 1 ? 'are' : 'is'} simulated on this machine. Nothing leaves it.`), ' ',
    sandboxUrl ? link(sandboxUrl, 'Open the sandbox') : '');
  $('banner').hidden = false;
}

function signedOut(error) {
  showWorkspace(false);
  $('forget').hidden = true;
  $('sign-in').hidden = Boolean(window.socialPublisherToken);
  notice(window.socialPublisherToken ? error.sentence : 'This token is not valid or has expired. Paste a new one.', 'bad');
}

start();
