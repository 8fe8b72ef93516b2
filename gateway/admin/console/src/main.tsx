import { render } from "preact";

import { App } from "./app";
import "uplot/dist/uPlot.min.css";
import "./theme.css";
import "./layout.css";
import "./controls.css";
import "./content.css";

render(<App />, document.getElementById("app")!);
