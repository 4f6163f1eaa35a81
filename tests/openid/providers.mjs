// Two OpenID providers that others wrote, each on a port of its own, as the national window of a test:
//   node providers.mjs <folder with node_modules> <port of oidc-provider> <port of oauth2-mock-server> <address to come back to>
// People and what the mock server does to its tokens come by POST /control at the mock server.
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createRequire } from 'node:module';

const [folder, oidcPort, mockPort, back] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { default: Provider } = require('oidc-provider');
const { OAuth2Server } = require('oauth2-mock-server');
const people = new Map();
let order = {};

const client = (id, more = {}) => ({
  client_id: id,
  client_secret: 'a secret of the tests, not of anybody',
  redirect_uris: [`${back}/auth/sso/callback`],
  post_logout_redirect_uris: [`${back}/`],
  token_endpoint_auth_method: 'client_secret_basic',
  ...more,
});

const known = ['nationalCode', 'firstName', 'lastName', 'fatherName', 'gender', 'birthDate', 'mobile', 'given_name',
  'family_name', 'national_code', 'phone_number'];
const provider = new Provider(`http://127.0.0.1:${oidcPort}`, {
  clients: [client('doreh'), client('doreh-signed', { userinfo_signed_response_alg: 'RS256' })],
  claims: { openid: ['sub'], profile: known },
  findAccount: (_, id) => people.has(id) && { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) },
  pkce: { required: () => true },
  cookies: { keys: ['of the tests'] },
});
provider.on('server_error', (_, error) => console.error(error));
provider.listen(Number(oidcPort), '127.0.0.1');

const mock = new OAuth2Server();
mock.issuer.url = `http://127.0.0.1:${mockPort}`;
await mock.issuer.keys.generate('RS256');
const part = (data) => Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64url');
const publicKey = () => createPublicKey({ key: mock.issuer.keys.toJSON()[0], format: 'jwk' });

const forgeries = {
  none: (_, body) => `${part({ alg: 'none', typ: 'JWT' })}.${body}.`,
  signature: (head, body, end) => `${head}.${body}.${(end[0] === 'A' ? 'B' : 'A') + end.slice(1)}`,
  body: (head, body, end) => {
    const claims = JSON.parse(Buffer.from(body, 'base64url'));
    return `${head}.${part({ ...claims, nationalCode: '0077611616' })}.${end}`;
  },
  swap: (head, body) => {
    const { kid } = JSON.parse(Buffer.from(head, 'base64url'));
    const signed = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${body}`;
    const secret = publicKey().export({ type: 'spki', format: 'pem' });
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  },
  key: (head, body) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), privateKey).toString('base64url')}`;
  },
};

mock.service.on('beforeTokenSigning', (token) => {
  if (token.payload.scope) return; // the access token
  const now = Math.floor(Date.now() / 1000);
  for (const [name, value] of Object.entries({ auth_time: now, ...order.claims })) {
    if (value === null) delete token.payload[name];
    else token.payload[name] = value?.from_now === undefined ? value : now + value.from_now;
  }
});
mock.service.on('beforeResponse', (answer) => {
  if (order.forge) answer.body.id_token = forgeries[order.forge](...answer.body.id_token.split('.'));
});
mock.service.on('beforeUserinfo', (answer) => {
  answer.body = order.userinfo ?? answer.body;
});
mock.service.addRoute('POST', '/control', (request, response) => {
  order = request.body;
  for (const [id, claims] of Object.entries(order.people ?? {})) people.set(id, claims);
  response.end('{}');
});
await mock.start(Number(mockPort), '127.0.0.1');
console.log('ready');
