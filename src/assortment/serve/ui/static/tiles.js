// A picture for goods that have none: a tile whose colour and drawing follow from the words of the title, always the same.

const SVG = "http://www.w3.org/2000/svg";

export function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  value = Math.imul(value ^ (value >>> 15), 2246822519);
  return (value ^ (value >>> 13)) >>> 0;
}

export const hueOf = (text) => (hash(text) % 20) * 18;

/** Give an element the colour of a text; its style reads --h. */
export function tint(node, text) {
  node.style.setProperty("--h", hueOf(text));
}

// [hue, chroma as a share of the usual] by colour word
const COLOURS = {
  pink: [355, 1.1], rose: [8, 1], red: [25, 1.5], strawberry: [18, 1.3], orange: [55, 1.4], terracotta: [45, 1], gold: [88, 1.1],
  golden: [88, 1.1], yellow: [98, 1.4], lemon: [102, 1.3], lime: [125, 1.3], green: [150, 1.1], mint: [165, 0.9], turquoise: [195, 1.1],
  aqua: [200, 1.1], blue: [250, 1.2], navy: [262, 1.2], purple: [305, 1.1], lilac: [310, 0.9], lavender: [300, 0.9], amethyst: [305, 1],
  brown: [55, 0.6], chocolate: [50, 0.7], wood: [70, 0.7], wooden: [70, 0.7], wicker: [78, 0.7], natural: [85, 0.5], ivory: [95, 0.4],
  cream: [92, 0.5], white: [250, 0.1], silver: [250, 0.12], grey: [250, 0.1], black: [270, 0.12], zinc: [235, 0.2], metal: [240, 0.2],
  slate: [250, 0.2], glass: [210, 0.5], crystal: [215, 0.5],
};

// Drawings on a field of 48 by 48, in lines
const DRAWINGS = {
  mug: "M13 16h18v16a5 5 0 0 1-5 5h-8a5 5 0 0 1-5-5zM31 20h3a4 4 0 0 1 4 4v1a5 5 0 0 1-5 5h-2M18 11c-2-2 2-3 0-5M25 11c-2-2 2-3 0-5",
  teapot: "M14 22h20c1 9-3 15-10 15s-11-6-10-15zM14 25c-4-1-7 1-8-4M34 25c4 0 6 2 6 5s-4 4-7 4M19 22c0-4 10-4 10 0M24 17v-2",
  bag: "M12 18h24l2 20a2 2 0 0 1-2 2H12a2 2 0 0 1-2-2zM18 22v-8a6 6 0 0 1 12 0v8",
  purse: "M9 22c0-5 7-7 15-7s15 2 15 7v10c0 4-6 6-15 6s-15-2-15-6zM9 22c4 3 26 3 30 0M21 13a3 3 0 0 1 6 0",
  box: "M8 18l16-8 16 8v16l-16 8-16-8zM8 18l16 8 16-8M24 26v16M16 14l16 8",
  gift: "M10 22h28v18H10zM8 16h32v6H8zM24 16v24M24 16c-9 0-9-9-4-8 3 1 4 8 4 8zM24 16c9 0 9-9 4-8-3 1-4 8-4 8z",
  candle: "M18 22h12v18H18zM24 22v-4M24 18c-4-3-1-6 0-10 2 4 4 7 0 10M14 40h20",
  light: "M14 30l3 10h14l3-10zM11 30h26M24 26c-5-4-2-8 0-13 2 5 5 9 0 13z",
  lantern: "M15 18h18v20H15zM13 38h22M17 18l3-6h8l3 6M24 12V8M21 8a3 3 0 0 1 6 0M24 33c-3-2-1-4 0-7 1 3 3 5 0 7",
  heart: "M24 39S9 30 9 19a8 8 0 0 1 15-4 8 8 0 0 1 15 4c0 11-15 20-15 20z",
  star: "M24 8l5 11 12 1-9 8 3 12-11-6-11 6 3-12-9-8 12-1z",
  tree: "M24 7l8 11h-4l7 9h-5l6 9H12l6-9h-5l7-9h-4zM24 36v6",
  bauble: "M24 17a12 12 0 1 1 0 24 12 12 0 0 1 0-24zM21 17v-4h6v4M24 13V8M12.500 27c7 4 16 4 23 0M13 32c7 4 15 4 22 0",
  wreath: "M24 10a14 14 0 1 1 0 28 14 14 0 0 1 0-28zM24 17a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM19 38l5-3 5 3-1 5-4-3-4 3z",
  cake: "M10 26h28v14H10zM10 31c4 4 5-2 9 1s6-3 9 0 6-3 10-1M24 26v-8M24 18c-3-3-1-4 0-7 1 3 3 4 0 7M8 40h32",
  plate: "M24 9a15 15 0 1 1 0 30 15 15 0 0 1 0-30zM24 16a8 8 0 1 1 0 16 8 8 0 0 1 0-16z",
  bowl: "M8 21h32c0 9-6 16-12 16h-8c-6 0-12-7-12-16zM18 40h12M14 16c2-3-1-4 1-7M24 16c2-3-1-4 1-7M33 16c2-3-1-4 1-7",
  jar: "M15 17h18c4 4 3 9 3 13v7a3 3 0 0 1-3 3H15a3 3 0 0 1-3-3v-7c0-4-1-9 3-13zM16 11h16v6H16zM18 25h12v8H18z",
  bottle: "M21 8h6v9c0 3 5 4 5 10v11a2 2 0 0 1-2 2H18a2 2 0 0 1-2-2V27c0-6 5-7 5-10zM16 30h16",
  glass: "M15 9h18c1 10-2 17-9 17s-10-7-9-17zM24 26v13M16 39h16M15 16h18",
  spoon: "M14 8v10a4 4 0 0 0 8 0V8M18 8v32M33 8c-5 3-5 14 0 15v17",
  tin: "M12 14c0-5 24-5 24 0v20c0 6-24 6-24 0zM12 14c0 5 24 5 24 0M12 23c0 5 24 5 24 0",
  basket: "M9 22h30l-4 18H13zM14 22c0-16 20-16 20 0M16 28h16M17 34h14",
  frame: "M10 9h28v30H10zM15 14h18v20H15zM15 30l6-7 5 5 3-3 4 4M28 19h.1",
  mirror: "M24 8c8 0 11 7 11 13s-4 12-11 12-11-6-11-12 3-13 11-13zM24 33v8M18 41h12M19 18l5-4",
  clock: "M24 9a15 15 0 1 1 0 30 15 15 0 0 1 0-30zM24 15v9l6 4M24 12v.1M24 36v.1M12 24h.1M36 24h.1",
  sign: "M8 18h32v16H8zM16 18l8-9 8 9M14 24h20M14 29h13",
  hook: "M24 8v8M24 16c7 0 8 6 8 9a8 8 0 0 1-16 2M18 8h12",
  key: "M17 11a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM22 23l16 16M33 34l4-4M29 30l3-3",
  door: "M13 8h22v32H13zM18 13h12v9H18zM30 27h.1M10 40h28",
  mat: "M7 15h34v18H7zM11 19h26v10H11zM7 33v4M12 33v4M17 33v4M24 33v4M31 33v4M36 33v4M41 33v4",
  cushion: "M11 12c6 3 20 3 26 0 2 2-1 4-1 12s3 10 1 12c-6-3-20-3-26 0-2-2 1-4 1-12s-3-10-1-12zM24 21a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  necklace: "M11 9c0 14 6 20 13 20s13-6 13-20M24 29l4 5-4 6-4-6zM14 20h.1M34 20h.1M18 25h.1M30 25h.1",
  ring: "M24 20a11 11 0 1 1 0 22 11 11 0 0 1 0-22zM18 12h12l3 4-9 6-9-6zM18 12l6 9 6-9",
  earrings: "M15 12a3 3 0 0 1 3 3c0 3-3 3-3 6M15 21l5 8-5 9-5-9zM33 12a3 3 0 0 0-3 3c0 3 3 3 3 6M33 21l5 8-5 9-5-9z",
  hair: "M12 30c0-14 8-20 12-20s12 6 12 20M12 30l3 4 3-4M30 30l3 4 3-4M20 12c2 4 6 4 8 0",
  card: "M8 13h32v22H8zM8 13l16 13 16-13",
  book: "M24 14c-4-4-10-4-15-3v26c5-1 11-1 15 3 4-4 10-4 15-3V11c-5-1-11-1-15 3zM24 14v26",
  pen: "M32 9l7 7-21 21-9 2 2-9zM28 13l7 7",
  tape: "M21 12a12 12 0 1 1 0 24 12 12 0 0 1 0-24zM21 20a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM21 36h19v-5",
  ribbon: "M24 20c-8-10-16-6-14 0s9 4 14 0c8-10 16-6 14 0s-9 4-14 0zM22 22l-8 17 6-2 3 4 3-19M26 22l8 17-6-2-3 4",
  wrap: "M12 9h20v30H12zM32 9c5 0 5 30 0 30M12 9c-5 0-5 30 0 30M17 9v30M24 9v30",
  flower: "M24 14a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM24 14c-4-9 8-9 0 0zM29 18c9-5 10 6 0 3M19 18c-9-5-10 6 0 3M27 23c4 8-5 10-4 1M24 24v17M24 35c6 0 8-4 9-6M24 38c-6 0-8-4-9-6",
  plant: "M15 28h18l-3 12H18zM24 28V17M24 20c0-6 5-9 11-9 0 6-4 10-11 10M24 23c0-5-4-8-10-8 0 5 4 9 10 9",
  watering: "M12 21h18v18H12zM30 25l9-7M36 15l5 6M16 21c0-9 10-9 10 0",
  bird: "M9 27c6 0 7-12 15-12 5 0 7 3 7 7l6 2-6 3c-1 7-7 11-13 10-5-1-8-5-9-10zM27 20h.1M20 37v4M25 36v5",
  butterfly: "M24 15v22M24 20c-4-10-15-9-14-2 0 5 8 8 14 5M24 20c4-10 15-9 14-2 0 5-8 8-14 5M24 25c-6-1-12 2-10 7s9 3 10-3M24 25c6-1 12 2 10 7s-9 3-10-3M21 10l3 5 3-5",
  egg: "M24 9c7 0 12 10 12 18s-5 13-12 13-12-5-12-13S17 9 24 9zM13 24l5 3 6-4 6 4 5-3M13 30l5 3 6-4 6 4 5-3",
  rabbit: "M19 21C14 10 18 5 21 9c2 3 2 8 2 11M29 21c5-11 1-16-2-12-2 3-2 8-2 11M24 19c7 0 11 5 11 11s-5 10-11 10-11-4-11-10 4-11 11-11zM20 28h.1M28 28h.1M24 32v2",
  cat: "M13 12l6 6h10l6-6c3 9 3 16 1 20-2 5-7 8-12 8s-10-3-12-8c-2-4-2-11 1-20zM19 26h.1M29 26h.1M24 31v2M8 29l6 1M40 29l-6 1",
  dog: "M15 15c-6-2-9 6-6 13l5-2M33 15c6-2 9 6 6 13l-5-2M15 15c5-5 13-5 18 0 2 6 2 14 0 19-3 6-15 6-18 0-2-5-2-13 0-19zM20 24h.1M28 24h.1M22 31h4l-2 3z",
  doll: "M24 8a7 7 0 0 1 7 7c0 2-1 4-2 5 6 3 8 8 8 12 0 6-6 9-13 9s-13-3-13-9c0-4 2-9 8-12-1-1-2-3-2-5a7 7 0 0 1 7-7zM21 15h.1M27 15h.1M24 28a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  toy: "M9 34h30M14 34v-9h10v9M24 34V18h11v16M27 22h5M17 25v-7h4v7M15 34a4 4 0 1 0 .1 0M32 34a4 4 0 1 0 .1 0",
  rocket: "M24 6c7 5 8 14 6 24H18c-2-10-1-19 6-24zM18 24l-6 7v6l6-4M30 24l6 7v6l-6-4M24 15a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM21 34l3 8 3-8",
  skull: "M24 9c9 0 14 6 14 13 0 5-3 8-6 10v6H16v-6c-3-2-6-5-6-10C10 15 15 9 24 9zM18 21a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM30 21a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM21 38v-4M27 38v-4",
  umbrella: "M8 25c1-19 31-19 32 0-3-3-7-3-10 0-3-3-9-3-12 0-3-3-7-3-10 0zM24 23v13a4 4 0 0 0 7 1M24 11V8",
  bunting: "M6 12c12 6 24 6 36 0M9 14l4 11 5-9M20 17l4 11 4-11M30 16l5 9 4-11",
  bell: "M24 10c8 0 10 6 10 13 0 6 3 8 3 10H11c0-2 3-4 3-10 0-7 2-13 10-13zM21 33a3 3 0 0 0 6 0M24 10V7",
  towel: "M12 10h24v28H12zM12 16h24M12 32h24M12 35h24M18 10v6M30 10v6",
  apron: "M17 9h14v9c5 2 6 6 6 11v10H11V29c0-5 1-9 6-11zM17 25h14v7H17zM17 9c0-3 14-3 14 0",
  sewing: "M12 10h12v6H12zM12 32h12v6H12zM14 16v16M22 16v16M14 20h8M14 24h8M14 28h8M24 30c10 0 2-18 13-18v28M37 12v-3",
  table: "M8 18h32v4H8zM12 22l-2 18M36 22l2 18M14 30h20",
  chair: "M14 8v32M14 26h19v14M14 8h15v18M19 26V13M24 26V13",
  drawer: "M9 12h30v26H9zM9 21h30M9 30h30M22 16.500h4M22 25.500h4M22 34h4",
  knob: "M24 10a11 11 0 1 1 0 22 11 11 0 0 1 0-22zM24 16a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM21 32l-1 8h8l-1-8",
  hanger: "M24 17v-3a4 4 0 1 0-4-4M24 17l17 14c2 2 1 4-2 4H9c-3 0-4-2-2-4z",
  magnet: "M12 10h8v16a4 4 0 0 0 8 0V10h8v16a12 12 0 0 1-24 0zM12 17h8M28 17h8",
  ball: "M24 9a15 15 0 1 1 0 30 15 15 0 0 1 0-30zM9.500 21c10 3 19 3 29 0M24 9c-6 9-6 21 0 30M24 9c6 9 6 21 0 30",
  game: "M9 9h30v30H9zM9 19h30M9 29h30M19 9v30M29 9v30",
  camera: "M8 16h8l3-5h10l3 5h8v22H8zM24 20a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
  house: "M8 24L24 10l16 14M12 21v19h24V21M20 40V29h8v11",
  bath: "M8 24h32v5c0 6-4 9-9 9H17c-5 0-9-3-9-9zM12 24V13a4 4 0 0 1 8 0M15 38l-2 3M33 38l2 3",
  wallet: "M9 14h28v24H9zM9 14l20-5v5M37 22h-8a4 4 0 0 0 0 8h8M30 26h.1",
  phone: "M16 7h16v34H16zM16 12h16M16 35h16M23 38h2",
  shirt: "M17 9l-10 6 4 8 4-2v19h18V21l4 2 4-8-10-6c-2 5-12 5-14 0z",
  shoe: "M8 16c4 6 8 3 10 1l13 11c5 1 9 2 9 8H8z",
  cd: "M24 9a15 15 0 1 1 0 30 15 15 0 0 1 0-30zM24 20a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM24 13a11 11 0 0 1 11 11",
  lipstick: "M18 24h12v16H18zM20 24v-9l8-6v15M18 30h12",
  spray: "M17 20h14v20H17zM21 20v-6h6v6M21 14V9h8M33 9h.1M36 7h.1M36 11h.1M33 13h.1M17 28h14",
  fruit: "M24 17c-7-5-14 0-13 9s7 15 13 12c6 3 12-3 13-12s-6-14-13-9zM24 17c0-4 1-7 4-9M24 13c-3-4-6-4-8-3 1 3 4 4 8 3",
};

// Words that mean a drawing of another name; the last word of a title that has one counts, as in "CAKE TIN"
const ALSO = {
  cup: "mug", teacup: "mug", coffee: "mug", beaker: "mug", tea: "teapot", kettle: "teapot", shopper: "bag", handbag: "bag", tote: "bag", sack: "bag",
  backpack: "bag", rucksack: "bag", luggage: "bag", wash: "bath", makeup: "lipstick", case: "box", cases: "box", boxes: "box", trinket: "box", storage: "box",
  crate: "box", gift: "gift", present: "gift", advent: "gift", candles: "candle", candlestick: "candle", chandelier: "candle", incense: "candle",
  "t-light": "light", "t-lights": "light", tlight: "light", lights: "light", lamp: "light", hearts: "heart", love: "heart", sweetheart: "heart", stars: "star",
  christmas: "tree", fir: "tree", bauble: "bauble", baubles: "bauble", decoration: "bauble", decorations: "bauble", garland: "wreath", cakes: "cake",
  cakestand: "cake", cupcake: "cake", baking: "cake", muffin: "cake", plates: "plate", dish: "plate", tray: "plate", saucer: "plate", coaster: "plate",
  coasters: "plate", bowls: "bowl", pudding: "bowl", jug: "watering", can: "watering", jars: "jar", jam: "jar", pot: "jar", vase: "jar", pots: "jar", bottles: "bottle",
  water: "bottle", flask: "bottle", goblet: "glass", glasses: "glass", tumbler: "glass", wine: "glass", cutlery: "spoon", spoons: "spoon", fork: "spoon",
  knife: "spoon", tins: "tin", caddy: "tin", canister: "tin", bin: "tin", bucket: "basket", baskets: "basket", picnic: "basket", photo: "frame", picture: "frame",
  frames: "frame", album: "book", canvas: "frame", clocks: "clock", alarm: "clock", watch: "clock", plaque: "sign", slate: "sign", blackboard: "sign",
  chalkboard: "sign", hooks: "hook", keys: "key", keyring: "key", "key-chain": "key", padlock: "key", doormat: "mat", rug: "mat", doorstop: "door",
  pillow: "cushion", seat: "chair", stool: "chair", throw: "towel", quilt: "towel", blanket: "towel", tablecloth: "towel", napkin: "towel", napkins: "towel", tissues: "towel",
  doily: "plate", doilies: "plate", pendant: "necklace", choker: "necklace", bracelet: "necklace", bangle: "ring", charm: "necklace", beads: "necklace",
  lariat: "necklace", earring: "earrings", studs: "earrings", clip: "hair", clips: "hair", hairclip: "hair", hairband: "hair", bobbles: "hair", cards: "card",
  postcard: "card", letter: "card", envelope: "card", writing: "card", greeting: "card", stamp: "card", stamps: "card", sticker: "star", stickers: "star", notebook: "book",
  sketchbook: "book", journal: "book", diary: "book", recipe: "book", books: "book", pencil: "pen", pencils: "pen", pens: "pen", crayons: "pen", chalk: "pen",
  marker: "pen", paint: "pen", ribbons: "ribbon", bow: "ribbon", paper: "wrap", flowers: "flower", daisy: "flower", rose: "flower", roses: "flower",
  blossom: "flower", tulip: "flower", sunflower: "flower", poppy: "flower", seeds: "plant", planter: "plant", garden: "plant", herb: "plant", leaf: "plant", ivy: "plant",
  birdhouse: "house", cottage: "house", birds: "bird", hen: "bird", chick: "bird", duck: "bird", owl: "bird", dove: "bird", cockerel: "bird", robin: "bird", feather: "bird",
  butterflies: "butterfly", dragonfly: "butterfly", eggs: "egg", easter: "egg", bunny: "rabbit", rabbits: "rabbit", kitten: "cat", doggy: "dog", reindeer: "dog",
  dolly: "doll", babushka: "doll", fairy: "doll", angel: "doll", toys: "toy", car: "toy", train: "toy", soldier: "toy", playhouse: "house", spaceboy: "rocket",
  space: "rocket", skulls: "skull", parasol: "umbrella", warmer: "heart", hottie: "bottle", rain: "umbrella", hat: "umbrella", flag: "bunting", flags: "bunting", bells: "bell", chime: "bell", chimes: "bell",
  pinny: "apron", glove: "apron", gloves: "shirt", mitt: "apron", fabric: "sewing", knitting: "sewing", felt: "sewing", feltcraft: "sewing", wool: "sewing", patch: "sewing",
  cabinet: "drawer", drawers: "drawer", chest: "drawer", shelf: "drawer", cupboard: "drawer", knobs: "knob", handle: "knob", hangers: "hanger", magnets: "magnet",
  jigsaw: "game", puzzle: "game", dominoes: "game", ludo: "game", cube: "game", balloons: "ball", football: "ball", globe: "ball", bathroom: "bath", soap: "bath",
  sponge: "bath", towels: "towel", passport: "wallet", coin: "wallet", money: "wallet", mobile: "phone", dress: "shirt", scarf: "shirt", shawl: "shirt", slipper: "shoe",
  slippers: "shoe", boots: "shoe", socks: "shoe", perfume: "spray", lotion: "spray", shampoo: "spray", cream: "spray", serum: "spray", lip: "lipstick", mascara: "lipstick",
  apple: "fruit", apples: "fruit", cherry: "fruit", strawberry: "fruit", lemon: "fruit", pear: "fruit", tape: "tape", torch: "light", bulb: "light", holder: "light",
};

const drawingOf = (words) => {
  const named = words.map((word) => (word in DRAWINGS ? word : ALSO[word])).filter(Boolean);
  return named.at(-1);
};

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const PATTERNS = [
  (group) => grid(group, 16, (x, y) => shape("circle", { cx: x, cy: y, r: 2.2 })),
  (group) => stripe(group, 14, 5, 45),
  (group) => [stripe(group, 20, 10, 0), stripe(group, 20, 10, 90)],
  (group) => grid(group, 20, (x, y) => shape("path", { d: `M${x - 10} ${y}a10 10 0 0 1 20 0`, class: "hollow" })),
  (group) => grid(group, 22, (x, y) => shape("path", { d: `M${x - 3} ${y}h6M${x} ${y - 3}v6`, class: "hollow" })),
  (group) => [30, 52, 74].forEach((r) => group.append(shape("circle", { cx: 60, cy: 62, r, class: "hollow" }))),
  (group) => stripe(group, 10, 1.5, 0),
  (group) => grid(group, 24, (x, y) => shape("rect", { x: x - 4, y: y - 4, width: 8, height: 8, rx: 1, transform: `rotate(45 ${x} ${y})` })),
];

function grid(group, step, mark) {
  for (let row = 0, y = 0; y <= 120 + step; y += step, row += 1)
    for (let x = row % 2 ? step / 2 : 0; x <= 120 + step; x += step) group.append(mark(x, y));
}

function stripe(group, step, width, angle) {
  const lines = shape("g", { transform: `rotate(${angle} 60 60)` });
  for (let x = -40; x < 160; x += step) lines.append(shape("rect", { x, y: -40, width, height: 200 }));
  group.append(lines);
}

function initials(title) {
  const words = title.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  return words.slice(0, 2).map((word) => [...word.replace(/^[^\p{L}\p{N}]+/u, "")][0]).join("").toUpperCase();
}

/** Fill an element with the shop's own picture or, where it has none, a drawn one. */
export function paint(node, { item, title, category, image }) {
  const drawn = draw(item, title, category);
  node.replaceChildren(drawn);
  if (!image) return;
  const picture = new Image();
  picture.alt = "";
  picture.loading = "lazy";
  picture.addEventListener("load", () => node.replaceChildren(picture));
  picture.src = image;
}

export function draw(item, title, category) {
  const words = title.toLowerCase().split(/[^\p{L}\p{N}'-]+/u).filter(Boolean);
  const seed = hash(item);
  const [hue, chroma] = words.map((word) => COLOURS[word]).find(Boolean) ?? [hueOf(category || title), 1];
  const svg = shape("svg", { viewBox: "0 0 120 120", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true", class: "art" });
  svg.style.setProperty("--h", (hue + ((seed >>> 8) % 17) - 8 + 360) % 360);
  svg.style.setProperty("--c", chroma);
  svg.append(shape("rect", { width: 120, height: 120, class: "ground" }));
  const pattern = shape("g", { class: "pattern" });
  PATTERNS[seed % PATTERNS.length](pattern);
  svg.append(pattern, shape("circle", { cx: 60, cy: 62, r: 37, class: "disc" }));
  const drawing = drawingOf(words);
  if (drawing) {
    const turn = ((seed >>> 4) % 9) - 4;
    const group = shape("g", { transform: `translate(60 62) rotate(${turn}) scale(1.02) translate(-24 -24)`, class: "lines" });
    group.append(shape("path", { d: DRAWINGS[drawing] }));
    svg.append(group);
  } else {
    const letters = shape("text", { x: 60, y: 73, "text-anchor": "middle", class: "letters" });
    letters.textContent = initials(title);
    svg.append(letters);
  }
  return svg;
}
