// An authorization request as a product would write it itself: keeps state and verifier, and returns the URL to open. Three
// round trips: begin, insert, commit.
import { createCipheriv, createHash, randomBytes, randomUUID } from "node:crypto";
import pg from "pg";

const { APP_URL, DATABASE_URL, TIKTOK_CLIENT_KEY, TOKEN_ENCRYPTION_KEYS } = process.env;
const pool = new pg.Pool({
  connectionString: DATABASE_URL.replace(/\?.*/, ""),
  ssl: DATABASE_URL.includes("sslmode=require"),
  max: 2,
});
const key = Buffer.from(TOKEN_ENCRYPTION_KEYS.split(",")[0].split(":")[1], "base64");
const sha256 = (text) => createHash("sha256").update(text).digest();

function encrypt(text) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

/** Starts one for a user. */
export async function start(user) {
  const [state, cookie] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];
  const verifier = randomBytes(32).toString("base64url");
  const redirect = `${APP_URL}/.netlify/functions/tiktok-callback`;
  const client = await pool.connect();
  try {
    await client.query(`begin; select set_config('social.owner', '${user}', true)`);
    await client.query(
      `insert into oauth_states
         (id, state_hash, owner_id, platform, redirect_uri, code_verifier, cookie_hash, return_to, expires_at)
       values ($1, $2, $3, 'tiktok', $4, $5, $6, '/', now() + interval '10 minutes')`,
      [randomUUID(), sha256(state), user, redirect, encrypt(verifier), sha256(cookie)],
    );
    await client.query("commit");
  } finally {
    client.release();
  }
  const url = new URL("https://www.tiktok.com/v2/auth/authorize/");
  const challenge = createHash("sha256").update(verifier).digest("hex");
  url.search = new URLSearchParams({
    client_key: TIKTOK_CLIENT_KEY, scope: "user.info.basic", response_type: "code", redirect_uri: redirect, state,
    code_challenge: challenge, code_challenge_method: "S256",
  });
  const headers = {
    "content-type": "application/json",
    "set-cookie": `__Host-social_state=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600`,
  };
  return { headers, body: JSON.stringify({ authUrl: url.href }) };
}
