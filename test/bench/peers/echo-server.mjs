// A peer that sends back each frame of 6.4 KB: `node echo-server.mjs socket.io|nest-json|ws`. Prints its port and waits for its end.
// Plain JavaScript, as all programs of this folder: their packages are not there when the project is type-checked.
import 'reflect-metadata';
import { createServer } from 'node:http';

const [kind] = process.argv.slice(2);
const MOST_BYTES = 1024 * 1024;

const servers = {
  'socket.io': async () => {
    const { Server } = await import('socket.io');
    const http = createServer();
    const io = new Server(http, {
      transports: ['websocket'],
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MOST_BYTES,
    });
    io.on('connection', (socket) => socket.on('frame', (frame) => socket.emit('frame', frame)));
    return listen(http);
  },
  /** A gateway as Nest's documentation has it, with its `ws` adapter on the same HTTP platform as ours: JSON, audio in base64. */
  'nest-json': async () => {
    const { NestFactory } = await import('@nestjs/core');
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    const { WsAdapter } = await import('@nestjs/platform-ws');
    const { MessageBody, SubscribeMessage, WebSocketGateway } = await import('@nestjs/websockets');
    class EchoGateway {
      frame(data) {
        return { event: 'frame', data };
      }
    }
    // Decorators by hand: Node's type stripping has no syntax for them.
    SubscribeMessage('frame')(EchoGateway.prototype, 'frame', Object.getOwnPropertyDescriptor(EchoGateway.prototype, 'frame'));
    MessageBody()(EchoGateway.prototype, 'frame', 0);
    WebSocketGateway({ path: '/', perMessageDeflate: false })(EchoGateway);
    const app = await NestFactory.create({ module: EchoGateway, providers: [EchoGateway] }, new FastifyAdapter(), { logger: false });
    app.useWebSocketAdapter(new WsAdapter(app));
    await app.listen(0, '127.0.0.1');
    return app.getHttpServer().address().port;
  },
  /** Nothing but `ws`: the floor. */
  ws: async () => {
    const { WebSocketServer } = await import('ws');
    const http = createServer();
    new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) =>
      socket.on('message', (frame) => socket.send(frame)),
    );
    return listen(http);
  },
};

function listen(http) {
  return new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(http.address().port)));
}

console.log(JSON.stringify({ port: await servers[kind]() }));
