/** The files of Swagger UI, as they are in its package. */
import script from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "text" };
import style from "swagger-ui-dist/swagger-ui.css" with { type: "text" };

export const SCRIPT: string = script;
export const STYLE: string = style;
