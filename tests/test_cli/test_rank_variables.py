import os
import stat

import pytest

from haresreid.cli.rank_variables import set_rank_variables

SLURM = dict(SLURM_PROCID='3', SLURM_NTASKS='4', SLURM_LOCALID='1', SLURM_NODELIST='node[03-04]')


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Nothing set, as in a shell; what a test's call sets is taken back."""
    monkeypatch.setattr(os, 'environ', {'PATH': os.environ['PATH']})


def chosen() -> dict:
    return {name: os.environ.get(name) for name in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR', 'MASTER_PORT')}


def test_slurm_names_the_first_node_of_the_job(tmp_path, monkeypatch):
    scontrol = tmp_path / 'scontrol'  # prints what Slurm's does for this list
    scontrol.write_text('#!/bin/sh\n[ "$*" = "show hostnames node[03-04]" ] && printf "node03\\nnode04\\n"\n')
    scontrol.chmod(stat.S_IRWXU)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep)
    os.environ.update(SLURM)
    set_rank_variables('slurm')
    assert chosen() == dict(RANK='3', WORLD_SIZE='4', LOCAL_RANK='1', MASTER_ADDR='node03', MASTER_PORT='29500')


def test_a_given_address_and_port_stay():
    os.environ.update(SLURM, MASTER_ADDR='192.0.2.1', MASTER_PORT='30000')  # and scontrol is not asked
    set_rank_variables('slurm')
    assert chosen() == dict(RANK='3', WORLD_SIZE='4', LOCAL_RANK='1', MASTER_ADDR='192.0.2.1', MASTER_PORT='30000')


def test_open_mpi():
    os.environ.update(OMPI_COMM_WORLD_RANK='1', OMPI_COMM_WORLD_SIZE='2', OMPI_COMM_WORLD_LOCAL_RANK='0')
    with pytest.raises(ValueError, match='MASTER_ADDR is not set: give the address of the machine of rank 0'):
        set_rank_variables('mpi')
    os.environ['MASTER_ADDR'] = '192.0.2.1'
    set_rank_variables('mpi')
    assert chosen() == dict(RANK='1', WORLD_SIZE='2', LOCAL_RANK='0', MASTER_ADDR='192.0.2.1', MASTER_PORT='29500')


@pytest.mark.parametrize(
    'launcher, variable, program',
    [('pytorch', 'RANK', 'torchrun'), ('slurm', 'SLURM_PROCID', 'srun'), ('mpi', 'OMPI_COMM_WORLD_RANK', 'mpirun')],
)
def test_a_process_that_its_launcher_did_not_start(launcher, variable, program):
    with pytest.raises(ValueError, match=f'--launcher {launcher}, but {variable} is not set: start .* with {program}'):
        set_rank_variables(launcher)
