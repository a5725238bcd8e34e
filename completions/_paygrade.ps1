
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'paygrade' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'paygrade'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'paygrade' {
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where calls go: local, test or live [default: local]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [default: paygrade.toml]')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file [default: catalog.toml]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file [default: .paygrade/TARGET.db]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Who runs this, for the record [default: the user''s name]')
            [CompletionResult]::new('--ref', '--ref', [CompletionResultType]::ParameterName, 'A ticket, for the record')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Freeze the local clock at this instant (target local only)')
            [CompletionResult]::new('--confirm-live', '--confirm-live', [CompletionResultType]::ParameterName, 'The live account that a wide command may change')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write each call to Stripe to this file, as JSON lines without secrets')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Another Stripe on a loopback address')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as --output json')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what would need an answer is refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to questions (not enough for wide commands with --target live)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page (roff)')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'What was done, by whom, and how it ended')
            break
        }
        'paygrade;completions' {
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where calls go: local, test or live [default: local]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [default: paygrade.toml]')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file [default: catalog.toml]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file [default: .paygrade/TARGET.db]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Who runs this, for the record [default: the user''s name]')
            [CompletionResult]::new('--ref', '--ref', [CompletionResultType]::ParameterName, 'A ticket, for the record')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Freeze the local clock at this instant (target local only)')
            [CompletionResult]::new('--confirm-live', '--confirm-live', [CompletionResultType]::ParameterName, 'The live account that a wide command may change')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write each call to Stripe to this file, as JSON lines without secrets')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Another Stripe on a loopback address')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as --output json')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what would need an answer is refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to questions (not enough for wide commands with --target live)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'paygrade;man' {
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where calls go: local, test or live [default: local]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [default: paygrade.toml]')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file [default: catalog.toml]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file [default: .paygrade/TARGET.db]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Who runs this, for the record [default: the user''s name]')
            [CompletionResult]::new('--ref', '--ref', [CompletionResultType]::ParameterName, 'A ticket, for the record')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Freeze the local clock at this instant (target local only)')
            [CompletionResult]::new('--confirm-live', '--confirm-live', [CompletionResultType]::ParameterName, 'The live account that a wide command may change')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write each call to Stripe to this file, as JSON lines without secrets')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Another Stripe on a loopback address')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as --output json')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what would need an answer is refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to questions (not enough for wide commands with --target live)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'paygrade;runs' {
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where calls go: local, test or live [default: local]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [default: paygrade.toml]')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file [default: catalog.toml]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file [default: .paygrade/TARGET.db]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Who runs this, for the record [default: the user''s name]')
            [CompletionResult]::new('--ref', '--ref', [CompletionResultType]::ParameterName, 'A ticket, for the record')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Freeze the local clock at this instant (target local only)')
            [CompletionResult]::new('--confirm-live', '--confirm-live', [CompletionResultType]::ParameterName, 'The live account that a wide command may change')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write each call to Stripe to this file, as JSON lines without secrets')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Another Stripe on a loopback address')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as --output json')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what would need an answer is refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to questions (not enough for wide commands with --target live)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List runs, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run')
            break
        }
        'paygrade;runs;list' {
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Of this command only, such as "meter push"')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Most runs to list')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where calls go: local, test or live [default: local]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [default: paygrade.toml]')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file [default: catalog.toml]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file [default: .paygrade/TARGET.db]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Who runs this, for the record [default: the user''s name]')
            [CompletionResult]::new('--ref', '--ref', [CompletionResultType]::ParameterName, 'A ticket, for the record')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Freeze the local clock at this instant (target local only)')
            [CompletionResult]::new('--confirm-live', '--confirm-live', [CompletionResultType]::ParameterName, 'The live account that a wide command may change')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write each call to Stripe to this file, as JSON lines without secrets')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Another Stripe on a loopback address')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as --output json')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what would need an answer is refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to questions (not enough for wide commands with --target live)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'paygrade;runs;show' {
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where calls go: local, test or live [default: local]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [default: paygrade.toml]')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file [default: catalog.toml]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store file [default: .paygrade/TARGET.db]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of results')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Who runs this, for the record [default: the user''s name]')
            [CompletionResult]::new('--ref', '--ref', [CompletionResultType]::ParameterName, 'A ticket, for the record')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Freeze the local clock at this instant (target local only)')
            [CompletionResult]::new('--confirm-live', '--confirm-live', [CompletionResultType]::ParameterName, 'The live account that a wide command may change')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write each call to Stripe to this file, as JSON lines without secrets')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Another Stripe on a loopback address')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as --output json')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what would need an answer is refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to questions (not enough for wide commands with --target live)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, with its money, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing beside the result')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show each call to Stripe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
