import type { IncomingMessage } from 'node:http';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import type { Principal } from '@wheelhouse/protocol/identity';
import { type OperatorEvent, OperatorRequest } from '@wheelhouse/protocol/operator-message';
import { problemOf } from '@wheelhouse/protocol/problem';
import type { WebSocket } from 'ws';
import { isOwnPage } from '../identity/access.guard.ts';
import { Principals } from '../identity/principals.ts';
import { OrderDesk } from '../orders/order-desk.ts';
import { ReleaseDesk } from '../orders/release-desk.ts';
import { problemOfError } from '../problem/problem.filter.ts';
import { parseOrRefuse } from '../problem/refusal.ts';
import type { Announcement } from './bulletin.ts';
import type { Arrived } from './operator-adapter.ts';
import { OperatorFloor } from './operator-floor.ts';

const UNAUTHENTICATED = 4401;
const RECHECK_MS = 30_000;
const MOST_MESSAGE_BYTES = 64 * 1024;
const MOST_UNSENT = 8 * 1024 * 1024;

type Member = { principal: Principal; readonly request: IncomingMessage; readonly watching: Set<string>; recheck: NodeJS.Timeout };

/** The operator channel: live sessions, orders, releases. Each message is judged by the abilities of the connection's caller. */
@WebSocketGateway({ path: '/v1/operator', maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false })
export class OperatorGateway implements OnGatewayConnection<WebSocket>, OnGatewayDisconnect<WebSocket> {
  readonly #members = new Map<WebSocket, Member>();
  readonly #joining = new WeakMap<WebSocket, Promise<void>>();

  readonly #principals: Principals;
  readonly #orders: OrderDesk;
  readonly #releases: ReleaseDesk;
  readonly #floor: OperatorFloor;

  constructor(principals: Principals, orders: OrderDesk, releases: ReleaseDesk, floor: OperatorFloor) {
    this.#principals = principals;
    this.#orders = orders;
    this.#releases = releases;
    this.#floor = floor;
    floor.bulletin.subscribe((announcement) => {
      this.#announce(announcement);
    });
    floor.transcripts.subscribe((session, lines) => {
      for (const [socket, member] of this.#members)
        if (member.watching.has(session)) send(socket, { event: 'transcript', data: [...lines] });
    });
    floor.meters.feed((seesOf) => [...this.#members].map(([socket, { principal }]) => ({ socket, sees: seesOf(principal) })));
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    this.#joining.set(socket, this.#join(socket, request));
  }

  handleDisconnect(socket: WebSocket): void {
    clearInterval(this.#members.get(socket)?.recheck);
    this.#members.delete(socket);
  }

  @SubscribeMessage('message')
  async receive(@ConnectedSocket() socket: WebSocket, @MessageBody() arrived: Arrived): Promise<void> {
    const member = this.#members.get(socket);
    if (member === undefined) {
      await this.#joining.get(socket);
      if (!this.#members.has(socket)) return;
      await this.receive(socket, arrived);
      return;
    }
    try {
      const answer = this.#carryOut(member, parseOrRefuse(OperatorRequest, arrived.message), arrived.at);
      if (answer !== null) send(socket, answer instanceof Promise ? await answer : answer);
    } catch (error) {
      const problem = problemOfError(error) ?? problemOf('internal', 'The message failed on our side. It has been logged.');
      send(socket, { event: 'refused', data: { request: requestIdOf(arrived.message), problem } });
      if (problem.code === 'internal') throw error;
    }
  }

  #carryOut(member: Member, request: OperatorRequest, at: number): OperatorEvent | Promise<OperatorEvent> | null {
    const { principal } = member;
    switch (request.event) {
      case 'order':
        if (request.data.kind === 'release')
          return this.#releases.ask(principal, request.data).then((data) => ({ event: 'release', data }));
        return { event: 'order.ack', data: this.#orders.give(principal, request.data, at) };
      case 'release.confirm':
        return this.#releases.confirm(principal, request.data.release).then((data) => ({ event: 'release', data }));
      case 'watch':
        return this.#follow(member, request.data.sessions);
      case 'heartbeat':
        if (principal.kind === 'person' && abilitiesOf(principal).can('give', 'Order')) this.#floor.watch.renew();
        return null;
    }
  }

  #follow(member: Member, sessions: readonly string[]): OperatorEvent {
    member.watching.clear();
    for (const id of this.#floor.followable(member.principal, sessions)) member.watching.add(id);
    return { event: 'transcript', data: [...member.watching].flatMap((id) => [...this.#floor.transcripts.of(id)]) };
  }

  async #join(socket: WebSocket, request: IncomingMessage): Promise<void> {
    const principal = isOwnPage(request.headers.origin, request.headers.host)
      ? await this.#principals.of(request.headers).catch(() => null)
      : null;
    if (principal === null || !abilitiesOf(principal).can('read', 'Session')) {
      const problem = problemOf(
        'unauthenticated',
        'The operator channel is for people who are signed in at the console, and for API keys with sessions:read.',
      );
      send(socket, { event: 'refused', data: { request: null, problem } });
      socket.close(UNAUTHENTICATED, 'unauthenticated');
      return;
    }
    if (socket.readyState !== socket.OPEN) return;
    const recheck = setInterval(() => void this.#recheck(socket), RECHECK_MS);
    this.#members.set(socket, { principal, request, watching: new Set(), recheck });
    send(socket, this.#floor.welcome(principal));
  }

  /** A sign-in that ended, a key that was revoked: the channel closes too. */
  async #recheck(socket: WebSocket): Promise<void> {
    const member = this.#members.get(socket);
    if (member === undefined) return;
    const principal = await this.#principals.of(member.request.headers).catch(() => member.principal);
    if (principal === null) socket.close(UNAUTHENTICATED, 'signed out');
    else member.principal = principal;
  }

  #announce(announcement: Announcement): void {
    const text = JSON.stringify(announcement.event);
    for (const [socket, { principal }] of this.#members) {
      if (this.#floor.concerns(principal, announcement)) sendText(socket, text);
    }
  }
}

function send(socket: WebSocket, event: OperatorEvent): void {
  sendText(socket, JSON.stringify(event));
}

/** A console that does not read is cut off rather than buffered for: it comes back, and is told anew how things stand. */
function sendText(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > MOST_UNSENT) socket.terminate();
  else socket.send(text);
}

function requestIdOf(message: unknown): string | null {
  if (typeof message !== 'object' || message === null || !('data' in message)) return null;
  const { data } = message;
  if (typeof data !== 'object' || data === null) return null;
  if ('id' in data && typeof data.id === 'string') return data.id;
  return 'release' in data && typeof data.release === 'string' ? data.release : null;
}
