/** Binds a source or sink to a connection of the environment. */
import type { FlowCommand } from "../command";
import { stepOf } from "../document";

export function setConnection(id: string, connection: string | null): FlowCommand {
  return {
    title: connection ? `Connected to ${connection}` : "Removed the connection",
    run: (flow) => {
      const step = stepOf(flow, id);
      if (!step || (step.connection ?? null) === connection) return;
      if (connection === null) Reflect.deleteProperty(step, "connection");
      else step.connection = connection;
    },
  };
}
