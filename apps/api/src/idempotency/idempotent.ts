import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

export const IDEMPOTENT = 'wheelhouse:idempotent';

/** A route that takes `Idempotency-Key`, because nothing in its body says that it is the same request again. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(IDEMPOTENT, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'A name of yours for this request, 1 to 200 visible ASCII characters. Sent again with the same body within 24 hours it gets the same answer (with `Idempotency-Replayed: true`) and nothing is done again; with another body it is refused (conflict).',
      schema: { type: 'string', minLength: 1, maxLength: 200 },
    }),
  );
