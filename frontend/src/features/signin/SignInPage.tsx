/** The way in: an account of this installation, or in the demo one of its people. */
import { useState } from "react";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { sentenceOf } from "@/lib/api/http";
import { becomePersona, personasQuery, signIn } from "@/lib/session";
import { roleWord } from "@/lib/words";
import { Avatar } from "@/ui/Avatar";
import { useTitle } from "@/ui/Page";
import classes from "@/features/signin/SignInPage.module.css";

const route = getRouteApi("/signin");

export function SignInPage() {
  useTitle("Sign in");
  const navigate = useNavigate();
  const { to } = route.useSearch();
  const personas = useQuery(personasQuery).data ?? [];
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
            <p className="muted">Nothing flows until it is signed.</p>
          </div>
        </header>
        {personas.length > 0 ? (
          <section aria-label="People of the demo" className={classes.people}>
            <h2 className={classes.title}>Demo trust, synthetic data</h2>
            <p className={classes.note}>Enter as one of the five people. Each may do something the others may not.</p>
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
        <Account busy={busy === "account"} onEnter={(name, password) => void enter("account", () => signIn(name, password))} primary={personas.length === 0} />
        {problem ? (
          <p role="alert" className={classes.problem}>
            {problem}
          </p>
        ) : null}
      </div>
    </main>
  );
}

function Account({ busy, primary, onEnter }: { busy: boolean; primary: boolean; onEnter: (name: string, password: string) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  return (
    <form
      className={classes.account}
      aria-label="Sign in with an account"
      onSubmit={(event) => {
        event.preventDefault();
        onEnter(name, password);
      }}
    >
      {primary ? null : <h2 className={classes.title}>Or with an account</h2>}
      <TextInput label="Name" name="username" autoComplete="username" required value={name} onChange={(event) => { setName(event.currentTarget.value); }} />
      <PasswordInput label="Password" name="password" autoComplete="current-password" required value={password} onChange={(event) => { setPassword(event.currentTarget.value); }} />
      <Button type="submit" variant={primary ? "filled" : "default"} loading={busy}>
        Sign in
      </Button>
    </form>
  );
}
