import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { Problem } from '@wheelhouse/protocol/problem';
import { z } from 'zod';
import { jsonSchemaOf, type SchemaObject } from './json-schemas.ts';

/**
 * What a route takes and answers, for the OpenAPI document: the very schemas that parse it. `status`: of its answer, with `also` where it may be
 * another of the same shape. `produces`: the media type of what is not JSON.
 */
export type Description = {
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly answer?: z.ZodType;
  readonly produces?: string;
  readonly status?: number;
  readonly also?: readonly number[];
};

/** Describes a route in the OpenAPI document. */
export function Described(summary: string, description: Description = {}): MethodDecorator {
  const { body, query, status = 200, also = [] } = description;
  const answer = answerOf(description);
  return applyDecorators(
    ApiOperation({ summary }),
    ...(body === undefined ? [] : [ApiBody({ schema: jsonSchemaOf(body, 'input') })]),
    ...(query === undefined ? [] : queryOf(query)),
    ...[status, ...also].map((one) => ApiResponse({ status: one, description: summary, ...answer })),
    PROBLEM,
  );
}

const integer = { type: 'integer', minimum: 0 } as const;

const PROBLEM = ApiResponse({
  status: 'default',
  description: 'Refused: RFC 9457 problem+json',
  headers: {
    'Retry-After': { description: 'With 429: after how many seconds to ask again', schema: integer },
  },
  content: { 'application/problem+json': { schema: jsonSchemaOf(Problem, 'output') } },
});

type Answer = { readonly schema?: SchemaObject; readonly content?: Record<string, { schema: SchemaObject }> };

function answerOf({ answer, produces }: Description): Answer {
  if (answer !== undefined) return { schema: jsonSchemaOf(answer, 'output') };
  if (produces === undefined) return {};
  return { content: { [produces]: { schema: produces.startsWith('text/') ? { type: 'string' } : {} } } };
}

function queryOf(query: z.ZodObject): MethodDecorator[] {
  return Object.entries(query.shape).map(([name, field]) => {
    const schema = z.instanceof(z.ZodType).parse(field);
    return ApiQuery({ name, required: !schema.safeParse(undefined).success, schema: jsonSchemaOf(schema, 'input') });
  });
}
