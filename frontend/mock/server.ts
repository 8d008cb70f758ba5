/** A stand-in for the designer's API while it is being written: development only, never bundled. */
import type { Connect, Plugin } from "vite";
import { answer } from "./answers.ts";

export function mockApi(): Plugin {
  return {
    name: "mock-api",
    configureServer(server) {
      server.middlewares.use("/api/v1", (request, response) => {
        void body(request).then((text) => {
          const url = new URL(request.url ?? "/", "http://localhost");
          const { status, json, svg } = answer(request.method ?? "GET", url, text ? (JSON.parse(text) as never) : null);
          response.statusCode = status;
          response.setHeader("Content-Type", svg ? "image/svg+xml" : "application/json");
          response.end(svg ?? (json === undefined ? "" : JSON.stringify(json)));
        });
      });
    },
  };
}

function body(request: Connect.IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString("utf8")));
    request.on("end", () => {
      resolve(text);
    });
  });
}
