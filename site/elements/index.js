// @ts-check
// Defines all elements. One script tag with this file embeds them in any product.

export { configure } from './session.js';
export { SocialAccounts } from './accounts.js';
export { SocialCalendar } from './calendar.js';
export { SocialComposer } from './composer.js';
export { SocialPost } from './post.js';
export { SocialPosts } from './posts.js';
