// Colours and dashes. The colours are Okabe and Ito's, those of autoamp's figures, a little darker or brighter where the background
// asks for it. A curve has a dash pattern beside its colour: no curve is told from another by colour alone.

const light = ["#0072b2", "#d55e00", "#009e73", "#b8568a", "#b87a00", "#3397d3"];
const dark = ["#4aa8e8", "#f0824a", "#2cc197", "#dd92bb", "#eab04a", "#8fd0f5"];
const dashes = [[], [8, 4], [2, 3], [9, 3, 2, 3], [14, 4]];

export const darkness = matchMedia("(prefers-color-scheme: dark)");

// colour is that of the i-th curve.
export function colour(i) {
  return (darkness.matches ? dark : light)[i % light.length];
}

// dash is the pattern of the i-th curve.
export function dash(i) {
  return dashes[i % dashes.length];
}

// ink is a colour of the style sheet: ink, muted, line, panel.
export function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// level is how a line of the theory is drawn.
export function level(name) {
  switch (name) {
    case "finite_d": return { colour: ink("ink"), dash: [7, 4], width: 1.7 };
    case "limit": return { colour: ink("muted"), dash: [2, 3], width: 1.5 };
    case "haar": return { colour: ink("muted"), dash: [10, 3, 2, 3], width: 1.2 };
    case "identity": return { colour: ink("muted"), dash: [1, 4], width: 1.5 };
    case "envelope": return { colour: colour(3), dash: [5, 3], width: 1.5 };
    case "bayes": return { colour: colour(2), dash: [9, 3, 2, 3], width: 1.5 };
    case "shannon": return { colour: colour(4), dash: [14, 4], width: 1.5 };
    default: return { colour: ink("muted"), dash: [4, 4], width: 1.2 };
  }
}
