/** Applications as an administrator registers them, by the administration's own API. */
import assert from 'node:assert/strict';
import { X509Certificate, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

import { administrator, ready } from './house.mjs';
import { member } from './member.mjs';

let token;

/** One request to `/api/admin`, as the administrator. */
export async function administer(method, path, body, status = method === 'DELETE' ? 204 : method === 'POST' ? 201 : 200) {
  token ??= (await (await member(administrator, ['User.Read', 'Settings.ReadWrite.All'])).redeem()).accessToken;
  const response = await fetch(new URL(`/api/admin/${path}`, ready.origin), {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.equal(response.status, status, text);
  return text === '' ? undefined : JSON.parse(text);
}

/** Registers an application; gives its client id and, unless it is public, a secret. */
export async function registered(registration, { consent = true } = {}) {
  const { clientId } = await administer('POST', 'applications', { displayName: 'A test', ...registration });
  const clientSecret = registration.public ? undefined : (await administer('POST', `applications/${clientId}/secrets`, { name: 'test' })).secret;
  if (consent) await administer('POST', `applications/${clientId}/consent`, undefined, 200);
  return { clientId, clientSecret };
}

/** A key with its self-signed certificate, and the certificate's thumbprints in hexadecimal. */
export function certificate() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = der(0x30, Buffer.from('06092a864886f70d01010b0500', 'hex'));
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('a test')))));
  const validity = der(0x30, der(0x17, Buffer.from('240101000000Z')), der(0x17, Buffer.from('480101000000Z')));
  const serial = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const body = der(0x30, serial, algorithm, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }));
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const pem = pemOf(der(0x30, body, algorithm, signature));
  const read = new X509Certificate(pem);
  const hex = (fingerprint) => fingerprint.replaceAll(':', '');
  return {
    pem,
    privateKey,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    thumbprint: hex(read.fingerprint),
    thumbprintSha256: hex(read.fingerprint256),
  };
}

/** Registers the certificate with an application. */
export const addCertificate = (clientId, { pem }) => administer('POST', `applications/${clientId}/certificates`, { name: 'test', pem });

function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pemOf(bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g).join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
