// The film: drawn for a second of it, so that any second can be sought. A hedgehog walks through a landscape whose
// colours and hills follow from the title.

const TAU = 2 * Math.PI;
const wave = (x, k, seed) => Math.sin(x * k + seed) * .6 + Math.sin(x * k * 2.3 + seed * 1.7) * .4;

export function scene(canvas, { seed, hue, name, text, duration }) {
  const ink = canvas.getContext("2d"), { width: w, height: h } = canvas;

  function hill(t, depth, base, swing, colour) {
    ink.fillStyle = colour;
    ink.beginPath();
    ink.moveTo(0, h);
    for (let x = 0; x <= w; x += 16) ink.lineTo(x, base + wave(x / w + t * depth, 5 + depth * 20, seed % 97 + depth * 40) * swing);
    ink.lineTo(w, h);
    ink.fill();
  }

  function hog(x, y, size, t, walks) {
    ink.save();
    ink.translate(x, y + (walks ? Math.abs(Math.sin(t * 6)) * -6 : 0));
    ink.scale(size, size);
    ink.strokeStyle = "#8a5a3c"; ink.lineWidth = 9; ink.lineCap = "round";
    for (const [at, phase] of [[-30, 0], [-6, 2], [22, 1], [44, 3]]) {
      ink.beginPath(); ink.moveTo(at, -6); ink.lineTo(at + (walks ? Math.sin(t * 6 + phase) * 10 : 0), 14); ink.stroke();
    }
    ink.fillStyle = "#2b1a14";
    ink.beginPath();
    for (let k = 0; k <= 34; k++) {
      const a = Math.PI * k / 34, r = k % 2 ? 66 : 84 + (walks ? Math.sin(t * 9 + k) * 2 : 0);
      ink.lineTo(-Math.cos(a) * r, -Math.sin(a) * r * .86);
    }
    ink.fill();
    ink.fillStyle = "#d9a878";
    ink.beginPath(); ink.moveTo(46, 0); ink.quadraticCurveTo(52, -54, 84, -38); ink.quadraticCurveTo(116, -16, 120, -8);
    ink.quadraticCurveTo(110, 4, 74, 2); ink.fill();
    ink.fillStyle = "#1c1210";
    ink.beginPath(); ink.arc(120, -9, 6.5, 0, TAU); ink.fill();
    const shut = t % 4 < .15;
    ink.beginPath(); ink.ellipse(84, -24, 5, shut ? .8 : 5, 0, 0, TAU); ink.fill();
    ink.restore();
  }

  function card(line, small, strength) {
    ink.globalAlpha = Math.max(0, Math.min(1, strength));
    ink.fillStyle = "rgb(10 6 5 / .55)"; ink.fillRect(0, h * .34, w, h * .26);
    ink.fillStyle = "#fff6ea"; ink.textAlign = "center"; ink.textBaseline = "middle";
    let size = 76;
    do ink.font = `600 ${size -= 4}px Georgia, serif`; while (ink.measureText(line).width > w * .9 && size > 28);
    ink.fillText(line, w / 2, h * .44);
    size = 32;
    do ink.font = `italic ${size -= 2}px Georgia, serif`; while (ink.measureText(small).width > w * .9 && size > 14);
    ink.fillText(small, w / 2, h * .535);
    ink.globalAlpha = 1;
  }

  // still: for those who asked for less motion, a picture every two seconds instead of a movement.
  return (second, still) => {
    const t = still ? Math.floor(second / 2) * 2 : second, day = t / duration;
    const sky = ink.createLinearGradient(0, 0, 0, h), turn = hue + day * 50;
    sky.addColorStop(0, `hsl(${turn} 52% ${14 + 14 * Math.sin(day * Math.PI)}%)`);
    sky.addColorStop(1, `hsl(${turn + 40} 62% ${44 + 18 * Math.sin(day * Math.PI)}%)`);
    ink.fillStyle = sky; ink.fillRect(0, 0, w, h);
    ink.fillStyle = "#fff";
    for (let k = 0; k < 46; k++) {
      ink.globalAlpha = .25 + .35 * Math.abs(Math.sin(t * .8 + k));
      ink.fillRect((seed * (k + 3) * 37) % w, (seed * (k + 7) * 13) % (h * .5), 3, 3);
    }
    ink.globalAlpha = 1;
    ink.fillStyle = `hsl(${turn + 40} 85% 86%)`;
    ink.beginPath(); ink.arc(w * (.12 + .76 * day), h * (.42 - .28 * Math.sin(day * Math.PI)), 52, 0, TAU); ink.fill();
    hill(t, .012, h * .6, 70, `hsl(${turn} 34% 30%)`);
    hill(t, .03, h * .7, 50, `hsl(${turn} 38% 22%)`);
    const walks = !still && (t + seed % 7) % 11 < 9;
    hog(w * (.3 + .14 * Math.sin(t * .21 + seed % 5)), h * .82, 1.5, t, walks);
    if (seed % 3 && t % 20 > 8) hog(w * (.72 + .05 * Math.sin(t * .4)), h * .83, .8, t + 3, walks);
    hill(t, .08, h * .88, 22, `hsl(${turn} 42% 12%)`);
    if (t < 5) card(name, "a HogFlix short", Math.min(t * 2 + 1, 5 - t));
    else if (text && day > .45 && day < .6) card(name, text, Math.min((day - .45) * 40, (.6 - day) * 40));
    else if (t > duration - 4) card("The End", "no hedgehog was woken for this film", t - duration + 4);
  };
}
