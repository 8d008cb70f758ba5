/** Who is signed in; in the demo also who else one could be. */
import { Menu, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Keyboard, LogOut } from "lucide-react";
import { openShortcuts } from "@/app/shell/ShortcutSheet";
import type { Me } from "@/lib/api/types";
import { closeLive } from "@/lib/live";
import { becomePersona, personasQuery, signOut } from "@/lib/session";
import { roleWord } from "@/lib/words";
import { Avatar } from "@/ui/Avatar";
import { failed, toast } from "@/ui/toasts";
import classes from "@/app/shell/AccountMenu.module.css";

export function AccountMenu({ me }: { me: Me }) {
  const navigate = useNavigate();
  const personas = useQuery({ ...personasQuery, enabled: me.demo }).data ?? [];
  const leave = async () => {
    closeLive();
    await signOut().catch(failed);
    await navigate({ to: "/signin" });
  };
  const become = async (person: string, name: string) => {
    try {
      closeLive();
      await becomePersona(person);
      await navigate({ to: "/" });
      toast(`You are ${name} now.`, "ok");
    } catch (error) {
      failed(error);
    }
  };
  return (
    <>
      <Menu.Target>
        <UnstyledButton className={classes.me}>
          <Avatar name={me.name} />
          <span className={classes.words}>
            <span className="quiet">Account: </span>
            <span className={classes.name}>{me.name}</span>
            <span className={classes.role}>{me.roles.map(roleWord).join(", ")}</span>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown miw={240}>
        {personas.length > 0 ? (
          <>
            <Menu.Label>Switch person (demo only)</Menu.Label>
            {personas.filter((each) => each.person !== me.person).map((each) => (
              <Menu.Item key={each.person} leftSection={<Avatar name={each.name} small />} onClick={() => void become(each.person, each.name)}>
                {each.name} <span className="muted">{each.roles.map(roleWord).join(", ")}</span>
              </Menu.Item>
            ))}
            <Menu.Divider />
          </>
        ) : null}
        <Menu.Item leftSection={<Keyboard size={15} />} onClick={openShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </>
  );
}
