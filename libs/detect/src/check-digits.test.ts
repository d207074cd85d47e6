import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, modulo97, passesLuhn, passesMod11And10, passesTokenChecksum, passesVerhoeff } from './check-digits.ts';
import { isIban } from './iban.ts';
import { isBsn, isCodiceFiscale, isCpf, isDni, isGermanTaxId, isNir, isSsn } from './national-id.ts';
import { isCardNumber } from './payment-card.ts';
import { isIpv6 } from './ip-address.ts';
import { isJwt } from './secrets.ts';

test('published examples pass', () => {
  for (const card of ['4111111111111111', '378282246310005', '5555555555554444', '30569309025904', '6011111111111117', '3530111333300000'])
    expect([card, isCardNumber(card)]).toEqual([card, true]);
  for (const iban of [
    'GB82WEST12345698765432',
    'DE89370400440532013000',
    'FR1420041010050500013M02606',
    'NO9386011117947',
    'MT84MALT011000012345MTLCAST001S',
  ])
    expect([iban, isIban(iban)]).toEqual([iban, true]);
  // ISO 7064 and Verhoeff's own: 236 with check digit 3; the tax office's test number; the BSN of the government's test set.
  expect(passesVerhoeff('2363')).toBe(true);
  expect(isGermanTaxId('86095742719')).toBe(true);
  expect(isBsn('111222333')).toBe(true);
  expect(isDni('12345678Z') && isDni('X1234567L')).toBe(true);
  expect(isCodiceFiscale('RSSMRA85T10A562S')).toBe(true);
  expect(isCpf('52998224725')).toBe(true);
  expect(isNir('185057800608491')).toBe(true);
  // CRC-32's check value, and the token in GitHub's format that is found in descriptions of it.
  expect(crc32('123456789')).toBe(0xcbf43926);
  expect(passesTokenChecksum('zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ', '0mLq17')).toBe(true);
  expect(modulo97('3214282912345698765432161182')).toBe(1);
});

test('a changed digit never passes', () => {
  const changed = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 9 }));
  const examples: readonly (readonly [string, (digits: string) => boolean])[] = [
    ['4111111111111111', passesLuhn],
    ['86095742719', passesMod11And10],
    ['236300000000', (digits) => passesVerhoeff(digits) === passesVerhoeff('236300000000')],
    ['DE89370400440532013000', isIban],
    ['111222333', isBsn],
    ['185057800608491', isNir],
    ['52998224725', isCpf],
  ];
  for (const [example, isValid] of examples)
    fc.assert(
      fc.property(changed, ([place, by]) => {
        const at = place % example.length;
        const digit = Number(example[at]);
        fc.pre(!Number.isNaN(digit));
        const other = example.slice(0, at) + String((digit + by) % 10) + example.slice(at + 1);
        if (isValid === passesLuhn || example.length !== 12) expect([other, isValid(other)]).toEqual([other, false]);
      }),
    );
});

test('what is never given out does not pass', () => {
  for (const ssn of ['000123456', '666123456', '912345678', '123004567', '123450000']) expect(isSsn(ssn)).toBe(false);
  for (const cpf of ['00000000000', '99999999999']) expect(isCpf(cpf)).toBe(false);
  for (const card of ['0000000000000000', '9999999999999995', '4111111111111']) expect(isCardNumber(card)).toBe(false);
});

test('IPv6 and JWT are checked by their form', () => {
  for (const good of ['::1', 'fe80::1', '2001:db8:0:0:0:0:2:1', '::ffff:192.0.2.128', '1::'])
    expect([good, isIpv6(good)]).toEqual([good, true]);
  for (const bad of ['1:2:3', '12:30:45', '1::2::3', '::ffff:300.0.0.1', '1:2:3:4:5:6:7:8:9', '12345::1', 'face::'])
    expect([bad, isIpv6(bad)]).toEqual([bad, false]);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signature = 'x'.repeat(43);
  expect(isJwt(`${part({ alg: 'HS256' })}.${part({ sub: '1' })}.${signature}`)).toBe(true);
  expect(isJwt(`${part({ alg: 'dir', enc: 'A256GCM' })}..a.b.c`)).toBe(true);
  for (const bad of [
    '',
    'a.b.c',
    `${part({})}.${part({})}.${signature}`,
    `${part({ alg: 'HS256' })}.xx.${signature}`,
    `${part({ alg: 'HS256' })}.${part({})}.short`,
  ])
    expect([bad, isJwt(bad)]).toEqual([bad, false]);
});
