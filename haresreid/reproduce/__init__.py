"""The paper's tables and the baselines: the trainings they need, how these are run, and the results as tables."""

from haresreid.lazy import lazy_names

# command lines read the paper's tables, and their --help must import neither PyTorch nor NumPy
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    dict(
        BASELINE_DATASETS='baselines',
        BaselineTable='baselines',
        Comparison='comparison',
        Recipe='paper.recipe',
        Run='runs',
        RunState='runs',
        baseline_recipes='baselines',
        compare='comparison',
        compare_baselines='baselines',
        describe_plan='plan',
        format_seconds='schedule',
        full_size_costs='comparison',
        lambda_points='tables',
        plan_runs='runs',
        plan_tables='plan',
        probe_branches='branches',
        read_pace='schedule',
        read_run_results='branches',
        refuse_idle_all_methods='methods',
        run_all='schedule',
        run_state='runs',
        show_table='show',
        table_rows='methods',
        time_left='schedule',
        write_tables='tables',
    ),
)
