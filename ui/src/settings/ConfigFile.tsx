/** Where a file of the config folder lies that is not changed in the window. */
import { useEffect } from "react";
import { CopyButton } from "../parts/buttons";
import { status } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import { Group } from "./fields";

/** The path of a file in a folder of this computer. */
export const fileIn = (folder: string, name: string) => `${folder}${folder.includes("\\") ? "\\" : "/"}${name}`;

export function ConfigFile({ name, title, about }: { name: string; title: string; about: string }) {
  const t = useText();
  const folders = useStore(status.store).value?.folders;
  useEffect(() => void status.again(), []);
  if (!folders) return null;
  const file = fileIn(folders.config, name);
  return (
    <Group title={title} about={about}>
      <div className="setting wide">
        <div className="copy-line">
          <code>{file}</code>
          <CopyButton text={() => file} label={t.app.copy} />
        </div>
      </div>
    </Group>
  );
}
