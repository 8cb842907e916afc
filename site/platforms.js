// Every platform the page knows: its card, and the form with its options.

import { FacebookOptions } from './facebook.js';
import { InstagramOptions } from './instagram.js';
import { TikTokOptions } from './tiktok.js';
import { YouTubeOptions } from './youtube.js';

// A form of options has: `element` to show, `read()` for the request, `problems(videoSeconds, caption)` as pairs of field
// and sentence, `blocked` for what keeps the button from being pressed, `caption` for what its platform counts and takes,
// `place(field)` for where an error of that field is shown, and, for all of its kind together, `consent(forms)`.
export const PLATFORMS = [
  { id: 'tiktok', label: 'TikTok', about: 'Publish videos directly, or deliver them as drafts.', Options: TikTokOptions },
  { id: 'youtube', label: 'YouTube', about: 'Publish videos and Shorts to a channel.', Options: YouTubeOptions },
  { id: 'instagram', label: 'Instagram', about: 'Publish Reels on a business or creator account.', Options: InstagramOptions },
  { id: 'facebook', label: 'Facebook', about: 'Publish Reels and videos on the Pages you run.', Options: FacebookOptions },
];

export const labelOf = (platform) => PLATFORMS.find(({ id }) => id === platform)?.label ?? platform ?? 'The platform';

export const optionsOf = (platform) => PLATFORMS.find(({ id }) => id === platform)?.Options;
