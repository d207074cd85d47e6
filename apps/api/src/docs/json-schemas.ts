import { createHash } from 'node:crypto';
import type { ApiBody } from '@nestjs/swagger';
import { z } from 'zod';

export type SchemaObject = Extract<Parameters<typeof ApiBody>[0], { schema: unknown }>['schema'];

/** What OpenAPI 3.1 takes for a schema is JSON Schema 2020-12, which is what zod writes; the types of the library are those of 3.0. */
const Schema = z.custom<SchemaObject>((value) => typeof value === 'object' && value !== null);
const Written = z.looseObject({ $defs: z.record(z.string(), z.unknown()).default({}) });

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

/** Schemas that refer to themselves: they stand once in the document, under a name made of their digest. */
export const sharedSchemas = new Map<string, SchemaObject>();

/** The JSON Schema (2020-12) of what a schema takes (`input`) or gives (`output`), with references that hold anywhere in the OpenAPI document. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
  const { $defs, ...written } = Written.parse(z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }));
  const digest = createHash('sha256').update(JSON.stringify($defs)).digest('hex').slice(0, 8);
  const nameOf = (local: string): string => `${local.replace(/\W|^_+/g, '')}-${digest}`;
  for (const [local, definition] of Object.entries($defs)) sharedSchemas.set(nameOf(local), Schema.parse(shared(definition, nameOf)));
  return Schema.parse(shared({ ...written, $schema: undefined }, nameOf));
}

/** With references to definitions of its own turned into references to the document's. */
function shared(value: unknown, nameOf: (local: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => shared(one, nameOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const isLocal = key === '$ref' && typeof one === 'string' && one.startsWith(LOCAL);
      return [key, isLocal ? `${SHARED}${nameOf(one.slice(LOCAL.length))}` : shared(one, nameOf)];
    }),
  );
}
