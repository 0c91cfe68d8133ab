// The month's pages without this file work as well; with it a job's panel moves and files can be dropped.
(() => {
    const panel = document.querySelector("[data-job]");
    const show = (told) => {
        panel.querySelector("[data-said]").textContent = told.said;
        for (const [code, [state, words]] of Object.entries(told.parts)) {
            const part = panel.querySelector(`[data-part="${code}"]`);
            part.className = `kenpo-line-${state}`;
            part.querySelector("[data-words]").textContent = words;
        }
    };
    const ask = async () => {
        try {
            const answer = await fetch(panel.dataset.job, { headers: { Accept: "application/json" } });
            if (answer.redirected || !answer.ok) throw new Error();
            const told = await answer.json();
            if (told.ended) return window.location.reload();
            show(told);
        } catch {
            panel.querySelector("[data-said]").textContent = "つながりません。もう一度試しています。";
        }
        setTimeout(ask, 1000);
    };
    if (panel) setTimeout(ask, 1000);

    const zone = document.querySelector("[data-drop]");
    if (!zone) return;
    const field = zone.querySelector("input[type=file]"), list = zone.querySelector("[data-files]");
    const button = zone.closest("form").querySelector("button[type=submit]"), limit = Number(zone.dataset.limit);
    const large = (size) => size < 1048576
        ? `${Math.ceil(size / 1024).toLocaleString("ja-JP")}キロバイト`
        : `${(size / 1048576).toLocaleString("ja-JP", { maximumFractionDigits: 1 })}メガバイト`;
    const tell = () => {
        const files = [...field.files], whole = files.reduce((sum, file) => sum + file.size, 0);
        list.replaceChildren(...files.map((file) => {
            const line = document.createElement("li"), name = document.createElement("code");
            name.textContent = file.name;
            line.append(name, `（${large(file.size)}）`);
            return line;
        }));
        zone.querySelector("[data-too-large]").hidden = whole <= limit;
        button.disabled = whole > limit;
    };
    zone.classList.add("kenpo-drop-on");
    zone.querySelector("[data-hint]").hidden = false;
    field.addEventListener("change", tell);
    for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => {
        event.preventDefault();
        zone.classList.add("kenpo-drop-over");
    });
    for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("kenpo-drop-over"));
    zone.addEventListener("drop", (event) => {
        event.preventDefault();
        field.files = event.dataTransfer.files;
        tell();
    });
    zone.closest("form").addEventListener("submit", () => {
        zone.querySelector("[data-busy]").hidden = false;
        setTimeout(() => { button.disabled = true; });
    });
    window.addEventListener("pageshow", (event) => {
        if (!event.persisted) return;
        button.disabled = false;
        zone.querySelector("[data-busy]").hidden = true;
    });
})();
