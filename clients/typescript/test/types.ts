// Compiled only: what the contract refuses must not compile.

import type { NewPost, Post, SocialPublisher } from '../src/index.ts';

export const post: NewPost = {
  videoUrl: 'https://cdn.example.com/v.mp4',
  results: [{ accountId: '019ae2c4-7d10-7c3e-9b0e-0c5b9a1f2d11', tiktok: { privacy_level: 'SELF_ONLY' } }],
};

// @ts-expect-error: no such choice
export const unknownLevel: NewPost = { ...post, results: [{ accountId: '', tiktok: { privacy_level: 'EVERYBODY' } }] };

// @ts-expect-error: a member that does not exist
export const unknownMember: NewPost = { ...post, captoin: 'A typing mistake' };

// @ts-expect-error: the video is required
export const noVideo: NewPost = { results: [] };

export async function calls(social: SocialPublisher, { results }: Post): Promise<void> {
  await social.api.GET('/social-posts/{id}', { params: { path: { id: results[0]?.id ?? '' } } });
  // @ts-expect-error: no such endpoint
  await social.api.GET('/social-post/{id}', { params: { path: { id: '' } } });
  // @ts-expect-error: the platform must be one of ours
  await social.connect('myspace');
}
