/// The version of the program, as the CLI, MCP and HTTP show it.
enum Version {
    static let current = "0.1.0"
}
