/** A stand-in for the designer's API while it is being written: development only, never bundled. */
import type { IncomingMessage } from "node:http";
import type { Connect, Plugin } from "vite";
import { answer } from "./answers.ts";

/** The policy that the designer sends, so that what it would refuse is seen here. */
export const POLICY = [
  "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
  "worker-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'",
  "require-trusted-types-for 'script'", "trusted-types lockgate",
].join("; ");

export function mockApi(): Plugin {
  return {
    name: "mock-api",
    configureServer(server) {
      server.middlewares.use("/api/v1", serve);
    },
    configurePreviewServer(server) {
      server.middlewares.use("/api/v1", serve);
    },
  };
}

const serve: Connect.NextHandleFunction = (request, response) => {
  void body(request).then((text) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const { status, json, svg } = answer(request.method ?? "GET", url, text ? (JSON.parse(text) as never) : (null as never));
    response.statusCode = status;
    response.setHeader("Content-Type", svg ? "image/svg+xml" : "application/json");
    response.end(svg ?? (json === undefined ? "" : JSON.stringify(json)));
  });
};

function body(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString("utf8")));
    request.on("end", () => {
      resolve(text);
    });
  });
}
