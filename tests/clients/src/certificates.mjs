/** Certificates for tests: an X.509 certificate over an RSA key, written by hand since node reads certificates but makes none. */
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

const NULL = Buffer.from([0x05, 0x00]);
const SHA256_WITH_RSA = sequence(oid('2a864886f70d01010b'), NULL);

/**
 * A certificate for loopback names, signed by itself: trust it, or encrypt for it.
 * @returns {{ key: string, certificate: string, der: Buffer }} PEM, PEM, DER
 */
export function selfSigned({ commonName = 'a receiver in a test', bits = 2048 } = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const name = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
  const serial = randomBytes(8);
  serial[0] = (serial[0] & 0x7f) | 0x01;
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(sequence(oid('551d11'), der(0x04, names)));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    SHA256_WITH_RSA,
    name,
    sequence(time(-1), time(30)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = createSign('sha256').update(body).sign(privateKey);
  const certificate = sequence(body, SHA256_WITH_RSA, der(0x03, Buffer.from([0]), signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), certificate: pem(certificate), der: certificate };
}

function pem(certificate) {
  const lines = certificate.toString('base64').match(/.{1,64}/g).join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** A moment so many days from now. */
function time(days) {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
}

function oid(hex) {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...contents) {
  return der(0x30, ...contents);
}

function der(tag, ...contents) {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const bytes = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content]);
}
