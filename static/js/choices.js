// Shows the choices of a question only while it is answered by choosing. Without this file they
// are always there, and their hint says when they count.

const shape = document.querySelector("select[name=shape]");
const choices = [...document.querySelectorAll("textarea[name^=choices_]")].map((box) => box.closest(".field"));

const show = () => {
  for (const field of choices) field.hidden = shape.value !== "choice";
};

shape?.addEventListener("change", show);
if (shape) show();
