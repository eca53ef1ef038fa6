import ArgumentParser
import Bridge

/// `omni manifest`: prints the manifest of the Slack app for the configured commands and features.
struct ManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Show the manifest that creates the Slack app, for the commands and features of the configuration.",
        discussion: """
            Paste it at https://api.slack.com/apps, or compare it with the app's after a change of slack.yaml: Slack asks \
            for a new installation where scopes were added.
            """)

    @Flag(help: "JSON instead of YAML.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        // Slack makes the tokens that the files refer to when the manifest has created the app.
        let settings = try config.load(quietly: true, needsVariables: false).settings
        let manifest = AppManifest(settings)
        guard !json else { return Terminal.out(manifest.json.text()) }
        do {
            Terminal.out(try manifest.yaml().trimmingSpace)
        } catch {
            throw CommandFailed("error: the manifest cannot be written as YAML: \(error)")
        }
    }
}
