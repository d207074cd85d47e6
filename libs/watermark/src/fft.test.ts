import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fft } from './fft.ts';

const real = fc.double({ min: -1, max: 1, noNaN: true });
const signal = (length: number) => fc.array(fc.tuple(real, real), { minLength: length, maxLength: length });

describe('the Fourier transform', () => {
  it('is the sum that defines it, and its inverse leads back', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 4, 8, 32, 128).chain(signal), (values) => {
        const size = values.length;
        const [x, y] = [Float64Array.from(values, ([a]) => a), Float64Array.from(values, ([, b]) => b)];
        const fft = new Fft(size);
        fft.forward(x, y);
        for (let k = 0; k < size; k += 1) {
          const turn = (n: number) => (-2 * Math.PI * k * n) / size;
          const a = values.reduce((sum, [re, im], n) => sum + re * Math.cos(turn(n)) - im * Math.sin(turn(n)), 0);
          const b = values.reduce((sum, [re, im], n) => sum + re * Math.sin(turn(n)) + im * Math.cos(turn(n)), 0);
          expect(x[k]).toBeCloseTo(a, 9);
          expect(y[k]).toBeCloseTo(b, 9);
        }
        fft.inverse(x, y);
        for (const [n, [re, im]] of values.entries()) {
          expect(x[n]).toBeCloseTo(re, 9);
          expect(y[n]).toBeCloseTo(im, 9);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 1, 3, 12, 1000])('has no length of %i', (size) => {
    expect(() => new Fft(size)).toThrow(RangeError);
  });
});
