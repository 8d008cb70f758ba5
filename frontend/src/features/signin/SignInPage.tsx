/** The way in: an account of this installation, or in the demo one of its people. */
import { useState } from "react";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { sentenceOf } from "@/lib/api/http";
import { lacking, shortest } from "@/lib/limits";
import { becomePersona, installationQuery, personasQuery, setUp, signIn } from "@/lib/session";
import { roleWord } from "@/lib/words";
import { Avatar } from "@/ui/Avatar";
import { useTitle } from "@/ui/Page";
import classes from "@/features/signin/SignInPage.module.css";

const route = getRouteApi("/signin");

export function SignInPage() {
  useTitle("Sign in");
  const navigate = useNavigate();
  const { to } = route.useSearch();
  const asked = useQuery(personasQuery);
  const personas = asked.data ?? [];
  const installation = useQuery(installationQuery).data;
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const enter = async (who: string, act: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(who);
    setProblem(null);
    try {
      await act();
      await navigate({ href: to ?? "/" });
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(null);
    }
  };
  return (
    <main className={classes.page}>
      <div className={classes.panel}>
        <header className={classes.head}>
          <img src="/lockgate.svg" alt="" width={36} height={36} />
          <div>
            <h1>Lockgate</h1>
            <p className="muted">{installation ? `${installation.environment}. ` : ""}Nothing flows until it is signed.</p>
          </div>
        </header>
        {asked.isError ? (
          <section className={classes.missing} role="alert" data-state="error">
            <h2 className={classes.title}>Who may enter here could not be loaded</h2>
            <p className={classes.note}>{sentenceOf(asked.error)}</p>
            <Button variant="default" loading={asked.isFetching} onClick={() => void asked.refetch()}>Try again</Button>
          </section>
        ) : null}
        {personas.length > 0 ? (
          <section aria-label="People of the demo" className={classes.people}>
            <h2 className={classes.title}>Demo trust, synthetic data</h2>
            <p className={classes.note}>Enter as one of these people. Each may do something that the others may not.</p>
            {personas.map((each) => (
              <button key={each.person} type="button" className={classes.person} disabled={busy !== null} onClick={() => void enter(each.person, () => becomePersona(each.person))}>
                <Avatar name={each.name} />
                <span className={classes.words}>
                  <span className={classes.name}>
                    {each.name} <span className="muted">{each.roles.map(roleWord).join(", ")}</span>
                  </span>
                  <span className={classes.sentence}>{each.sentence}</span>
                </span>
              </button>
            ))}
          </section>
        ) : null}
        <Account busy={busy === "account"} first={installation?.set_up === false} onEnter={(act) => void enter("account", act)} primary={personas.length === 0} />
        {problem ? (
          <p role="alert" className={classes.problem}>
            {problem}
          </p>
        ) : null}
      </div>
    </main>
  );
}

interface AccountProps {
  busy: boolean;
  primary: boolean;
  /** Nobody has an account yet but the one that the set-up token is for. */
  first: boolean;
  onEnter: (act: () => Promise<unknown>) => void;
}

/** Name and password, or the one-time token with which a first password is set. */
function Account({ busy, primary, first, onEnter }: AccountProps) {
  const [chosen, choose] = useState<boolean | null>(null);
  const token = chosen ?? first;
  const [who, setWho] = useState("");
  const [password, setPassword] = useState("");
  return (
    <form
      className={classes.account}
      aria-label={token ? "Set a first password" : "Sign in with an account"}
      onSubmit={(event) => {
        event.preventDefault();
        onEnter(() => (token ? setUp(who.trim(), password) : signIn(who.trim(), password)));
      }}
    >
      {primary ? null : <h2 className={classes.title}>Or with an account</h2>}
      {token ? (
        <TextInput key="token" label="Set-up token" description="Shown once, by the command that made this installation or by an administrator." name="token" autoComplete="one-time-code" required value={who} onChange={(event) => { setWho(event.currentTarget.value); }} />
      ) : (
        <TextInput key="name" label="Name" name="username" autoComplete="username" required value={who} onChange={(event) => { setWho(event.currentTarget.value); }} />
      )}
      <PasswordInput
        label={token ? "New password" : "Password"}
        name="password"
        autoComplete={token ? "new-password" : "current-password"}
        required
        {...(token ? { description: lacking("SetUp.password", password) || "Nobody else knows it, and nobody can read it later.", minLength: shortest("SetUp.password") } : {})}
        value={password}
        visibilityToggleButtonProps={{ "aria-label": "Show or hide the password" }}
        onChange={(event) => { setPassword(event.currentTarget.value); }}
      />
      <Button type="submit" variant={primary ? "filled" : "default"} loading={busy}>
        {token ? "Set the password and enter" : "Sign in"}
      </Button>
      <button type="button" className={classes.other} onClick={() => { choose(!token); setWho(""); }}>
        {token ? "Sign in with a name and password" : "I have a set-up token"}
      </button>
    </form>
  );
}
