extension SourceRule {
    /// The only folders from which a module may be imported.
    private static let importers: [String: [String]] = [
        "Bridge": ["Analytics/", "SlackBot/", "SlackEmulator/", "DemoOps/"],
        "Analytics": ["SlackBot/"],
        "SlackBot": [],
        "SlackEmulator": ["SlackBot/Demo/", "SlackBot/CLI/"],
        "DemoOps": ["SlackBot/CLI/", "SlackBot/Demo/"],
        "WebSockets": ["SlackBot/SocketMode/", "SlackBot/App/", "SlackEmulator/"],
        "Charts": ["Analytics/"],
        "CCairo": ["Charts/"],
        "CCurl": ["Bridge/HTTP/"],
        "CMarkdown": ["SlackBot/Markdown/"],
        "CPostgres": ["Analytics/Store/Postgres/"],
        "CWebSockets": ["WebSockets/"],
        "GRDB": ["Analytics/Store/SQLite/", "DemoOps/"],
        "Hummingbird": ["SlackBot/SidePort/", "SlackEmulator/", "DemoOps/"],
        "Yams": ["SlackBot/Config/"],
        "ArgumentParser": ["SlackBot/CLI/"],
        "Subprocess": ["Bridge/MCP/"],
        "UnixSignals": ["SlackBot/App/"],
    ]

    static let imports = importers.sorted { $0.key < $1.key }.map { module, folders in
        let places = folders.isEmpty ? "nowhere" : folders.joined(separator: ", ")
        return SourceRule(
            name: "\(module) is imported by \(places) only",
            advice: "Move the code there, or let it speak through a type of ours.", folders: ["Sources/"],
            broken: (path: "Sources/Elsewhere/A.swift", text: "package import struct \(module).B")
        ) { file in
            guard !file.isIn(folders.map { "Sources/" + $0 }) else { return [] }
            return file.matches(#"^\s*(@\w+ )*(\w+ )?import (\w+ )?"# + module + #"\b"#, in: .code)
                .map { Finding(line: $0.line, what: "imports \(module)") }
        }
    }
}
