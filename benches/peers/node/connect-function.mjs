// The same handler as a function on the Lambda runtime API, bundled by esbuild. The JWT is checked by jose.
import { Agent, request } from "node:http";
import { jwtVerify } from "jose";
import { start } from "./authorization-request.mjs";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const secret = new TextEncoder().encode(process.env.AUTH_JWT_SECRET);
const agent = new Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${api}/${path}`, { agent, method }, async (response) => {
      const chunks = await response.toArray();
      resolve({ id: response.headers["lambda-runtime-aws-request-id"], body: Buffer.concat(chunks).toString() });
    });
    sent.on("error", reject).end(body);
  });
}

async function handle({ headers }) {
  const token = headers.authorization?.slice("Bearer ".length);
  if (!token) {
    return { statusCode: 401, headers: { "content-type": "application/json" }, body: '{"error":{"code":"unauthorized"}}' };
  }
  const { payload } = await jwtVerify(token, secret, { algorithms: ["HS256"] });
  return { statusCode: 200, ...(await start(payload.sub)) };
}

for (;;) {
  const { id, body } = await call("GET", "next");
  await call("POST", `${id}/response`, JSON.stringify(await handle(JSON.parse(body))));
}
