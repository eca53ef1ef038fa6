import Analytics
import ArgumentParser
import Foundation

/// `omni digest`: shows the scheduled digest, which the running bot posts.
struct DigestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest", abstract: "Show when the bot posts its digest, or with --dry-run what it would post now."
    )

    @Flag(help: "Print the digest of this moment as Markdown; nothing is posted.")
    var dryRun = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let isDryRun = dryRun
        let text = try await config.withStore { store, live in
            let settings = live.current.slack.digest
            guard isDryRun else { return Self.plan(settings, store.calendar, now: Date()) }
            return try await DigestReports.read(settings.period, due: Date(), in: store).message.markdown
        }
        Terminal.out(text)
    }

    private static func plan(_ settings: DigestSettings, _ calendar: ReportingCalendar, now: Date) -> String {
        guard let schedule = DigestSchedule(settings, timeZone: calendar.timeZone),
            let next = schedule.next(after: now)
        else { return "The digest is disabled: see digest in slack.yaml. --dry-run prints what it would say." }
        return """
            The running bot posts the digest to \(settings.channel). The next one is due on \
            \(calendar.day(of: next)) at \(settings.at) (\(calendar.identifier)). --dry-run prints what it would say now.
            """
    }
}
