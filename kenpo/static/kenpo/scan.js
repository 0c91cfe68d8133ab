// A scanner does not wait for the page. What it types is kept in a line and sent one after the other; the field stays
// where the next one goes, and what was said of each is put where it is read out. Without this the form works as any.
(() => {
  const form = document.querySelector("[data-scan]");
  const field = document.getElementById("id_code");
  const told = document.querySelector("[data-told]");
  const line = [];
  let sending = false;

  const say = (words) => {
    const said = document.createElement("p");
    said.className = "bg-orange-100 text-orange-700 leading-relaxed p-4 rounded-default";
    said.textContent = words;
    told.replaceChildren(said);
  };

  const send = async (data) => {
    const answer = await fetch(location.href, { method: "POST", body: data, redirect: "error", headers: { "X-Scan": "1" } });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("[data-told] [data-answer]")) return false;
    for (const part of ["[data-told]", "[data-last]"])
      document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
    return true;
  };

  const work = async () => {
    sending = true;
    while (line.length) {
      try {
        if (!(await send(line[0]))) {
          // Something else in the form is missing: the server's own page says what, beside its field.
          field.value = line[0].get("code");
          form.submit();
          return;
        }
        line.shift();
      } catch {
        const codes = line.splice(0).map((each) => each.get("code"));
        say(`送れませんでした。画面を開き直し、次の番号をもう一度読み取ってください（同じ番号を二度読み取っても、記録は増えません）：${codes.join("、")}`);
      }
    }
    sending = false;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.focus();
    if (!field.value.trim()) return;
    line.push(new FormData(form));
    field.value = "";
    if (!sending) work();
  });
  // Nobody should have to reach for the mouse.
  addEventListener("load", () => field.focus());
  addEventListener("keydown", () => { if (document.activeElement === document.body) field.focus(); }, true);
})();
