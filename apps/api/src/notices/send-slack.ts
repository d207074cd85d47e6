import type { Send } from './parcel.ts';
import { type Post, requireTaken } from './post.ts';

/** What Slack reads as its own markup. */
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** An incoming webhook of Slack, or of anything that takes the same message (Mattermost, Rocket.Chat, Zulip). */
export function slackSender(post: Post): Send {
  return async ({ notice, link, endpoint }, signal) => {
    const title = notice.title.replace(/[&<>]/g, (character) => ESCAPED[character] ?? character);
    const body = JSON.stringify({ text: `${notice.urgent ? '*Urgent:* ' : ''}${title}\n${link}` });
    const headers = { 'content-type': 'application/json', 'user-agent': 'Wheelhouse' };
    requireTaken(await post({ url: endpoint, headers, body, reach: 'anywhere', signal }));
  };
}
