import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Problem } from '@wheelhouse/protocol/problem';
import { z } from 'zod';

type JsonSchema = Extract<Parameters<typeof ApiBody>[0], { schema: unknown }>['schema'];

/** OpenAPI 3.0 schemas and the JSON Schema that zod writes for that target are the same thing under two names. */
const OpenApiSchema = z.custom<JsonSchema>((value) => typeof value === 'object' && value !== null);

/** What a route takes and answers, for the OpenAPI document: the very schemas that parse it. */
export type Description = { readonly body?: z.ZodType; readonly answer?: z.ZodType; readonly status?: number };

/** Describes a route in the OpenAPI document. */
export function Described(summary: string, { body, answer, status = 200 }: Description = {}): MethodDecorator {
  const problem = ApiResponse({
    status: 'default',
    description: 'Refused: RFC 9457 problem+json',
    content: { 'application/problem+json': { schema: schemaOf(Problem, 'output') } },
  });
  return applyDecorators(
    ApiOperation({ summary }),
    ...(body === undefined ? [] : [ApiBody({ schema: schemaOf(body, 'input') })]),
    answer === undefined
      ? ApiResponse({ status, description: summary })
      : ApiResponse({ status, description: summary, schema: schemaOf(answer, 'output') }),
    problem,
  );
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  return OpenApiSchema.parse(z.toJSONSchema(schema, { target: 'openapi-3.0', io, unrepresentable: 'any' }));
}
