// The handler that a product would write itself, over HTTP: checks the user's JWT, answers with the URL to open.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { start } from "./authorization-request.mjs";

const { AUTH_JWT_SECRET, PORT } = process.env;

function owner(authorization) {
  const [head, claims, signature] = authorization.slice("Bearer ".length).split(".");
  const right = createHmac("sha256", AUTH_JWT_SECRET).update(`${head}.${claims}`).digest();
  if (!timingSafeEqual(right, Buffer.from(signature, "base64url"))) throw new Error("signature");
  const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url"));
  if (exp * 1000 < Date.now()) throw new Error("expired");
  return sub;
}

createServer(async (request, response) => {
  const { headers, body } = await start(owner(request.headers.authorization));
  response.writeHead(200, headers).end(body);
}).listen(Number(PORT), "127.0.0.1");
