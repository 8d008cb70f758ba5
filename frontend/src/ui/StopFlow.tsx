/** Stopping a flow: what there is, said plainly, and the way to it. Nothing is stopped from here: stopping is signed. */
import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Role } from "@/lib/api/types";
import { installationQuery, useMe } from "@/lib/session";

/** Whose signature stops a release; stopping is easier than starting. */
const STOP: readonly Role[] = ["privacy", "erp-owner", "operator", "administrator"];

export function useMayStop(): boolean {
  return useMe().roles.some((role) => STOP.includes(role));
}

interface StopFlowProps {
  name: string;
  release: string;
  version: number;
  onClose: () => void;
}

export function StopFlow({ name, release, version, onClose }: StopFlowProps) {
  const me = useMe();
  const desk = useQuery(installationQuery).data?.desk;
  return (
    <Modal opened onClose={onClose} title={`Stop ${name}`} size="md">
      <div className="stack">
        <p>A flow is stopped by revoking the version that runs, here version {version}. You sign that on the approval desk, with your key and a reason. There is no pause.</p>
        <ul>
          <li>The runtime stops it within 20 seconds of your signature.</li>
          <li>It accepts nothing more: senders get no acknowledgement, and keep what they have to send.</li>
          <li>What it accepted before and has not posted yet is kept, and waits as cases: it is posted once, by a replay under another version.</li>
          <li>This version can never be activated again. To go on, another version is handed in, approved and activated.</li>
        </ul>
        <div className="row">
          {desk ? <Button component="a" color="red" href={`${desk}/release/${release}#act=revoke&as=${me.person}`} target="_blank" rel="noreferrer" onClick={onClose}>Revoke on the desk</Button> : null}
          <Button variant="default" onClick={onClose}>Leave it running</Button>
        </div>
      </div>
    </Modal>
  );
}
