import Analytics
import ArgumentParser

/// `omni audit rebuild`: computes the roll-ups of the reports from the audit log.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Compute the daily totals of the reports anew from the audit log.",
        discussion: "Needed after rows were changed by hand, as after a restored backup. May be run at any time.")

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        try await config.withStore { store, _ in try await store.rebuildRollups() }
        Terminal.out("ok: the totals of all days were computed")
    }
}
