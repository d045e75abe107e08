//! `jamey tools`: what the model can call.

use jamey_protocol::{ApiError, ErrorCode, ToolDescription, route::Page};

use super::wait_for;
use crate::{
    args::ToolsCommand,
    exit,
    link::Link,
    render::{self, clean, table},
};

pub fn run(link: &Link, command: &ToolsCommand) -> Result<u8, ApiError> {
    let tools = wait_for(async { link.reach().await?.tools().await })?;
    match command {
        ToolsCommand::List if link.globals.json => render::print_json(&Page { data: tools, next: None }),
        ToolsCommand::List => {
            let rows: Vec<_> = tools
                .into_iter()
                .map(|tool| {
                    let first = tool.description.split_inclusive(". ").next().unwrap_or_default().trim();
                    [tool.name, tool.source, tool.permission, first.to_owned()]
                })
                .collect();
            render::print(&table(["TOOL", "FROM", "PERMISSION", "DOES"], &rows));
        }
        ToolsCommand::Show { name } => {
            let tool = tools.into_iter().find(|tool| tool.name == *name).ok_or_else(|| {
                ApiError::new(ErrorCode::NotFound, format!("there is no tool \"{name}\""))
                    .hint("list them with: jamey tools")
            })?;
            if link.globals.json {
                render::print_json(&tool);
            } else {
                render::print(&whole(&tool));
            }
        }
    }
    Ok(exit::DONE)
}

fn whole(tool: &ToolDescription) -> String {
    let parameters = serde_json::to_string_pretty(&tool.parameters).unwrap_or_default();
    let text = format!(
        "{} ({})\n{}\n\npermission: {}\narguments:\n{parameters}\n",
        tool.name, tool.source, tool.description, tool.permission
    );
    clean(&text).into_owned()
}
