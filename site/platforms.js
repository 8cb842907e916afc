// The page's platforms: each with its card, and the form with its options.

import { FacebookOptions } from './facebook.js';
import { InstagramOptions } from './instagram.js';
import { TikTokOptions } from './tiktok.js';
import { YouTubeOptions } from './youtube.js';

// A form of options has these members: `element` to show, `read()` for the request, `problems(videoSeconds, caption)` as
// pairs of field and sentence, `blocked` for the reason why the button is disabled, `caption` for the platform's limit
// and unit, `place(field)` for the place of a field's error, and `consent(forms)` for all forms of its platform.
export const PLATFORMS = [
  { id: 'tiktok', label: 'TikTok', about: 'Publish videos directly, or deliver them as drafts.', Options: TikTokOptions },
  { id: 'youtube', label: 'YouTube', about: 'Publish videos and Shorts to a channel.', Options: YouTubeOptions },
  { id: 'instagram', label: 'Instagram', about: 'Publish Reels on a business or creator account.', Options: InstagramOptions },
  { id: 'facebook', label: 'Facebook', about: 'Publish Reels and videos on the Pages you run.', Options: FacebookOptions },
];

export const labelOf = (platform) => PLATFORMS.find(({ id }) => id === platform)?.label ?? platform ?? 'The platform';

export const optionsOf = (platform) => PLATFORMS.find(({ id }) => id === platform)?.Options;
