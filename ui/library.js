// Files dropped on the form, and bars while they are sent. Without it the form works as it is.
"use strict";

(() => {
  const form = document.querySelector("form.drop");
  if (!form) {
    return;
  }
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const sending = form.querySelector(".sending");
  const bar = sending.querySelector("progress");
  const words = sending.querySelector("[role=status]");

  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length && !button.disabled) {
      input.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });

  const failed = (message) => {
    words.textContent = message || form.dataset.failed;
    bar.hidden = true;
    button.disabled = false;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    sending.hidden = bar.hidden = false;
    button.disabled = true;
    bar.value = 0;
    words.textContent = form.dataset.sending;
    request.upload.addEventListener("progress", (step) => {
      if (step.lengthComputable) {
        bar.value = step.loaded / step.total;
      }
    });
    request.addEventListener("error", () => failed());
    request.addEventListener("load", () => {
      const reply = request.response || {};
      if (request.status === 202) {
        // The page of the job shows the second bar and then the report.
        location.assign(`corpus/jobs/${encodeURIComponent(reply.id)}`);
      } else {
        failed(reply.detail);
      }
    });
    request.send(new FormData(form));
  });
})();
