import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { PUBLIC_OPERATION } from '../identity/can.ts';
import { sharedSchemas } from './json-schemas.ts';

const ABOUT = `The control plane that keeps humans at the wheel of realtime AI.

Lists are pages: pass \`next\` back as \`cursor\`; null means that this was the last one. Requests are limited by the minute, for each key or person: \`RateLimit\`
and \`RateLimit-Policy\` say where you stand. Orders that restrict are never limited. Where nothing in the body makes a request idempotent, \`Idempotency-Key\` does.`;

/** The OpenAPI 3.1 document at /docs/openapi.json, and pages to read it at /docs. */
export function mountDocs(app: NestFastifyApplication, version: string): void {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('Wheelhouse')
    .setDescription(ABOUT)
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key (wh_...)' })
    .addCookieAuth('better-auth.session_token')
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('cookie')
    .build();
  SwaggerModule.setup('docs', app, () => completed(SwaggerModule.createDocument(app, config)), { jsonDocumentUrl: 'docs/openapi.json' });
}

/** With the schemas that others refer to, and with what anybody may call marked as such. */
function completed(document: OpenAPIObject): OpenAPIObject {
  const { components = {}, paths } = document;
  for (const path of Object.values(paths)) {
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      if (operation === undefined || !(PUBLIC_OPERATION in operation)) continue;
      operation[PUBLIC_OPERATION] = undefined;
      operation.security = [];
    }
  }
  return { ...document, components: { ...components, schemas: { ...components.schemas, ...Object.fromEntries(sharedSchemas) } } };
}
